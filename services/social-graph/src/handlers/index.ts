import type { UserClients } from '@plaza/clients';
import type { Clock, Context, PageTokens } from '@plaza/core';
import type { SocialGraphServiceDefinition } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import type { Handlers } from '@plaza/rpc';

import type { ReadList } from '../listing.ts';
import type { People } from '../people.ts';
import type { AudienceStore } from '../store/audience-store.ts';
import type { CountStore } from '../store/count-store.ts';
import type { ImportStore } from '../store/import-store.ts';
import type { ListStore } from '../store/list-store.ts';
import type { ReverseStore } from '../store/reverse-store.ts';
import type { MutualStore } from '../store/mutual-store.ts';
import type { ReceiptStore } from '../store/receipt-store.ts';
import type { RecountStore } from '../store/recount-store.ts';
import type { Sight } from '../store/sight-store.ts';
import type { StandingStore } from '../store/standing-store.ts';
import type { SuggestionStore } from '../store/suggestion-store.ts';
import type { TieStore } from '../store/tie-store.ts';
import { approveFollowRequest } from './approve-follow-request.ts';
import { batchGetCounts } from './batch-get-counts.ts';
import { batchGetRelationships } from './batch-get-relationships.ts';
import { block } from './block.ts';
import { checkAudience } from './check-audience.ts';
import { checkVisibility } from './check-visibility.ts';
import { follow } from './follow.ts';
import { getImport } from './get-import.ts';
import { importFollows } from './import-follows.ts';
import { listBlocks } from './list-blocks.ts';
import { listFollowRequests } from './list-follow-requests.ts';
import { listFollowers } from './list-followers.ts';
import { listFollowing } from './list-following.ts';
import { listMutes } from './list-mutes.ts';
import { listMutuals } from './list-mutuals.ts';
import { mute } from './mute.ts';
import { rejectFollowRequest } from './reject-follow-request.ts';
import { removeFollower } from './remove-follower.ts';
import { repairCounts } from './repair-counts.ts';
import { setStanding } from './set-standing.ts';
import { streamFollowers } from './stream-followers.ts';
import { streamFollowing } from './stream-following.ts';
import { suggestFollows } from './suggest-follows.ts';
import { unblock } from './unblock.ts';
import { unfollow } from './unfollow.ts';
import { unmute } from './unmute.ts';

/** All that handlers know of the world; app.ts builds it. */
export interface Deps {
  readonly ties: TieStore;
  readonly lists: ListStore;
  readonly readList: ReadList;
  readonly sight: Sight;
  readonly audiences: AudienceStore;
  readonly counts: CountStore;
  readonly reverse: ReverseStore;
  readonly standings: StandingStore;
  readonly imports: ImportStore;
  readonly people: People;
  readonly users: Pick<UserClients['users'], 'batchGetUsers'>;
  readonly pageTokens: PageTokens;
  /** How many one person may follow. */
  readonly followLimit: number;
  readonly now: Clock;
  readonly receipts: ReceiptStore;
  readonly recounts: RecountStore;
  /** Whether every event there is of follows has been counted. */
  readonly areAllCounted: (ctx: Context) => Promise<boolean>;
  readonly mutuals: MutualStore;
  readonly suggestions: SuggestionStore;
}

export type GraphHandlers = Handlers<SocialGraphServiceDefinition>;

export const graphHandlers = (deps: Deps): GraphHandlers => ({
  follow: follow(deps),
  unfollow: unfollow(deps),
  removeFollower: removeFollower(deps),
  listFollowers: listFollowers(deps),
  listFollowing: listFollowing(deps),
  listFollowRequests: listFollowRequests(deps),
  approveFollowRequest: approveFollowRequest(deps),
  rejectFollowRequest: rejectFollowRequest(deps),
  block: block(deps),
  unblock: unblock(deps),
  listBlocks: listBlocks(deps),
  mute: mute(deps),
  unmute: unmute(deps),
  listMutes: listMutes(deps),
  batchGetRelationships: batchGetRelationships(deps),
  checkVisibility: checkVisibility(deps),
  batchGetCounts: batchGetCounts(deps),
  listMutuals: listMutuals(deps),
  suggestFollows: suggestFollows(deps),
  streamFollowers: streamFollowers(deps),
  streamFollowing: streamFollowing(deps),
  checkAudience: checkAudience(deps),
  importFollows: importFollows(deps),
  getImport: getImport(deps),
  repairCounts: repairCounts(deps),
  setStanding: setStanding(deps),
});
