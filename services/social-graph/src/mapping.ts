import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
import {
  FollowState,
  Visibility,
  type AuthorVisibility,
  type ViewerVisibility,
  type FollowCounts,
  type BlockedUser,
  type FollowEdge,
  type MutedUser,
  type PendingFollow,
  type Relationship,
  type ImportReceipt,
} from '@plaza/proto/plaza/graph/v1/social_graph_service';

import type { Caller } from '@plaza/core';

import type { Receipt } from './domain/import.ts';
import type { Counts, Listed } from './domain/list.ts';
import type { MuteScope as Scope } from './domain/tie.ts';
import type { Relation, Verdict } from './domain/visibility.ts';

export const toEdge = ({ userId, at }: Listed): FollowEdge => ({ userId, followTime: new Date(at) });

export const toPendingFollow = ({ userId, at }: Listed): PendingFollow => ({ followerId: userId, requestTime: new Date(at) });

export const toBlockedUser = ({ userId, at }: Listed): BlockedUser => ({ userId, blockTime: new Date(at) });

export const toMutedUser = ({ userId, at, scope }: Listed): MutedUser => ({
  userId,
  scope: MuteScope[scope ?? 'ALL'],
  muteTime: new Date(at),
});

export const toRelationship = ({ following, muting, ...relation }: Relation): Relationship => ({
  ...relation,
  following: FollowState[following ?? 'UNSPECIFIED'],
  muting: MuteScope[muting ?? 'UNSPECIFIED'],
});

/** With whose eyes a caller sees: those of nobody in particular, unless a user calls. */
export const viewerOf = (caller: Caller): string => (caller.kind === 'user' ? caller.userId : '');

export const toCounts = ({ userId, followers, following }: Counts): FollowCounts => ({
  userId,
  followers: BigInt(followers),
  following: BigInt(following),
});

export const toVisibility = ({ authorId, sight, following, repostsMuted }: Verdict): AuthorVisibility => ({
  authorId,
  visibility: Visibility[sight],
  following,
  repostsMuted,
});

export const toViewerVisibility = (viewerId: string, { sight, following, repostsMuted }: Verdict): ViewerVisibility => ({
  viewerId,
  visibility: Visibility[sight],
  following,
  repostsMuted,
});

export const toFollowState = (state: 'ACTIVE' | 'REQUESTED'): FollowState => FollowState[state];

/** The proto admits no third. */
export const fromScope = (scope: MuteScope): Scope => (scope === MuteScope.ALL ? 'ALL' : 'REPOSTS');

export const toReceipt = ({ messages, created, requested, unchanged, refused, refusals }: Receipt): ImportReceipt => ({
  messages: BigInt(messages),
  created: BigInt(created),
  requested: BigInt(requested),
  unchanged: BigInt(unchanged),
  refused: BigInt(refused),
  refusals: refusals.map((refusal) => ({ ...refusal, index: BigInt(refusal.index) })),
});
