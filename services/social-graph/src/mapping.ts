import {
  Visibility,
  type AuthorVisibility,
  type FollowCounts,
  type FollowEdge,
  type ImportReceipt,
} from '@plaza/proto/plaza/graph/v1/social_graph_service';

import type { Caller } from '@plaza/core';

import type { Receipt } from './domain/import.ts';
import type { Counts, Listed } from './domain/list.ts';
import type { Verdict } from './domain/visibility.ts';

export const toEdge = ({ userId, at }: Listed): FollowEdge => ({ userId, followTime: new Date(at) });

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

export const toReceipt = ({ messages, created, requested, unchanged, refused, refusals }: Receipt): ImportReceipt => ({
  messages: BigInt(messages),
  created: BigInt(created),
  requested: BigInt(requested),
  unchanged: BigInt(unchanged),
  refused: BigInt(refused),
  refusals: refusals.map((refusal) => ({ ...refusal, index: BigInt(refusal.index) })),
});
