import { MuteScope as MuteScopeValue } from '@plaza/proto/plaza/graph/v1/events';
import {
  Visibility,
  type AuthorVisibility,
  type FollowCounts,
  type FollowEdge,
} from '@plaza/proto/plaza/graph/v1/social_graph_service';

import type { Caller } from '@plaza/core';

import type { Counts, Listed } from './domain/list.ts';
import type { MuteScope } from './domain/tie.ts';
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

/** The proto admits no third. */
export const fromScope = (scope: MuteScopeValue): MuteScope => (scope === MuteScopeValue.ALL ? 'ALL' : 'REPOSTS');
