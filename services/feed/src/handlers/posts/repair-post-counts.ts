import { comesTrue, mutationOf } from '@plaza/core';

import { postNotFound } from '../../domain/errors.ts';
import { toCounts } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

/**
 * A like is counted some time after it is written. So the lists are looked at twice: if between the two all events were counted that
 * there were, and both looks show the same, then what is still to come will be counted on top of what they show. If
 * anything was counted since the second look began, storing it fails.
 */
export const repairPostCounts =
  ({ posts, recounts, areAllCounted }: Deps): PostHandlers['repairPostCounts'] =>
  async (ctx, request) => {
    const { postId } = request;
    if ((await posts.get(ctx, postId)) === undefined) throw postNotFound();
    const first = await recounts.look(ctx, postId);
    const quiet = await comesTrue(ctx, () => areAllCounted(ctx));
    const second = await recounts.look(ctx, postId);
    const still = quiet && first.digest === second.digest && first.moves === second.moves;
    const mutation = mutationOf(ctx, request.requestId, request);
    const { before, after, moving } = await recounts.correct(ctx, mutation, postId, second, still);
    return { before: toCounts(before), after: toCounts(after), moving };
  };
