import type { Presence, UserClients } from '@plaza/clients';
import type { PageTokens } from '@plaza/core';
import type { SocialGraphServiceDefinition } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import type { Handlers } from '@plaza/rpc';

import type { CountStore } from '../store/count-store.ts';
import type { EdgeStore } from '../store/edge-store.ts';
import type { FollowStore } from '../store/follow-store.ts';
import type { ImportStore } from '../store/import-store.ts';
import { batchGetCounts } from './batch-get-counts.ts';
import { checkVisibility } from './check-visibility.ts';
import { follow } from './follow.ts';
import { importFollows } from './import-follows.ts';
import { listFollowers } from './list-followers.ts';
import { listFollowing } from './list-following.ts';
import { streamFollowers } from './stream-followers.ts';
import { unfollow } from './unfollow.ts';

/** All that handlers know of the world; app.ts builds it. */
export interface Deps {
  readonly follows: FollowStore;
  readonly imports: ImportStore;
  readonly edges: EdgeStore;
  readonly counts: CountStore;
  readonly users: Pick<UserClients['users'], 'batchGetUsers'>;
  readonly presence: Presence;
  readonly pageTokens: PageTokens;
}

export type GraphHandlers = Handlers<SocialGraphServiceDefinition>;

export const graphHandlers = (deps: Deps): GraphHandlers => ({
  follow: follow(deps),
  unfollow: unfollow(deps),
  listFollowers: listFollowers(deps),
  listFollowing: listFollowing(deps),
  batchGetCounts: batchGetCounts(deps),
  checkVisibility: checkVisibility(deps),
  streamFollowers: streamFollowers(deps),
  importFollows: importFollows(deps),
});
