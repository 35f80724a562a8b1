import {
  Visibility,
  type AuthorVisibility,
  type FollowCounts,
  type FollowEdge,
  type ImportFollowsResponse,
} from '@plaza/proto/plaza/graph/v1/social_graph_service';

import type { Counts, Follow } from './domain/edge.ts';
import type { Receipt } from './domain/import.ts';
import type { Verdict } from './domain/visibility.ts';

export const toEdge = ({ userId, followedAt }: Follow): FollowEdge => ({ userId, followTime: new Date(followedAt) });

export const toCounts = ({ userId, followers, following }: Counts): FollowCounts => ({
  userId,
  followers: BigInt(followers),
  following: BigInt(following),
});

export const toVisibility = ({ authorId, visible, following }: Verdict): AuthorVisibility => ({
  authorId,
  visibility: visible ? Visibility.VISIBLE : Visibility.HIDDEN,
  following,
});

export const toReceipt = (messages: number, { created, unchanged, refused }: Receipt): ImportFollowsResponse => ({
  messages: BigInt(messages),
  created: BigInt(created),
  unchanged: BigInt(unchanged),
  refused: BigInt(refused),
});
