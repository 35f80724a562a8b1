import { comesTrue, type Context } from '@plaza/core';
import type { RepairedCounts } from '@plaza/proto/plaza/graph/v1/social_graph_service';

import { eachInFlight } from '../in-flight.ts';
import { toCounts } from '../mapping.ts';
import type { FollowersLook } from '../store/recount-store.ts';
import type { Deps, GraphHandlers } from './index.ts';

/** Of a famous person a recount reads a hundred thousand rows and more. */
const AT_A_TIME = 4;

/**
 * A follow is counted some time after it is written. So the followers are looked at twice: if between the two all events were counted
 * that there were, and both looks show the same, then what is still to come will be counted on top of what they show. If
 * anything was counted since the second look began, storing it fails.
 */
export const repairCounts =
  ({ recounts, areAllCounted }: Deps): GraphHandlers['repairCounts'] =>
  async (ctx, { userIds }) => {
    const ids = [...new Set(userIds)];
    const looks = await each(ids, (id) => recounts.lookAtFollowers(ctx, id));
    const quiet = await comesTrue(ctx, () => areAllCounted(ctx));
    const repairs = await each(ids, (id) => repair(ctx, recounts, id, quiet ? looks.get(id) : undefined));
    return { repairs: userIds.map((id) => repairs.get(id)!) };
  };

/** `first` is missing if followers cannot be told now. */
const repair = async (
  ctx: Context,
  recounts: Deps['recounts'],
  userId: string,
  first: FollowersLook | undefined,
): Promise<RepairedCounts> => {
  const following = await recounts.repairFollowing(ctx, userId);
  const second = await recounts.lookAtFollowers(ctx, userId);
  const still = first !== undefined && first.digest === second.digest && first.moves === second.moves;
  const corrected = still && (await recounts.correctFollowers(ctx, userId, second));
  const stored = Math.max(0, second.stored);
  return {
    userId,
    before: toCounts({ userId, followers: stored, following: following.before }),
    after: toCounts({ userId, followers: corrected ? second.rows : stored, following: following.after }),
    moving: !corrected || !following.exact,
  };
};

const each = async <T>(ids: readonly string[], work: (id: string) => Promise<T>): Promise<Map<string, T>> => {
  const results = new Map<string, T>();
  const all = (async function* () {
    yield* ids;
  })();
  await eachInFlight(all, AT_A_TIME, async (id) => void results.set(id, await work(id)));
  return results;
};
