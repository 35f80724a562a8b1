import type { Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import { muteBits } from '../domain/circle.ts';
import { NO_TIE, TIE, type View } from '../domain/visibility.ts';
import type { Sight } from './sight-store.ts';
import { graph, keys, listedId, listOf } from './table.ts';

/** Who asks to follow somebody public is about to be made a follower: few, unless many asked while the account was private. */
const FEW_REQUESTS = 500;

export type AudienceStore = ReturnType<typeof createAudienceStore>;

/**
 * How many viewers stand to one author, strongly consistent. The viewers' circles are too many to be remembered for this, so follows
 * and mutes are read pair by pair; blocks, in both directions, and the standing are what the author's own circle says.
 *
 * Requests are read before follows, and those before blocks: a request that becomes a follow in between is seen as one of both, and
 * a follow that a block ends is seen ended. So follows, requests and blocks are of one moment, as in a look at a circle.
 */
export const createAudienceStore = ({ db, sight, few = FEW_REQUESTS }: { db: Db; sight: Sight; few?: number }) => {
  const requesters = async (ctx: Context, authorId: string, ids: readonly string[]): Promise<ReadonlySet<string>> => {
    const { items } = await db.query(ctx, graph, { pk: listOf('RQ_IN', authorId), limit: few + 1 });
    if (items.length <= few) return new Set(items.map(({ sk }) => listedId(sk)));
    const rows = await db.batchGet(
      ctx,
      graph,
      ids.map((id) => keys.requested(id, authorId)),
    );
    return new Set(ids.filter((_, i) => rows[i]));
  };

  return {
    /**
     * What each of the viewers, as a viewer, has to do with the author.
     * @throws AppError UNAVAILABLE STORE_UNAVAILABLE when that cannot be verified
     */
    async of(ctx: Context, authorId: string, viewerIds: readonly string[]): Promise<(viewerId: string) => View> {
      const ids = [...new Set(viewerIds)];
      const asked = await requesters(ctx, authorId, ids);
      const rows = await db.batchGet(
        ctx,
        graph,
        ids.flatMap((id) => [keys.following(id, authorId), keys.muting(id, authorId)]),
      );
      const own = await sight.look(ctx, authorId, ids, [authorId]);
      const ties = new Map(
        ids.map((id, i) => {
          const [follow, mute] = rows.slice(2 * i, 2 * i + 2);
          const muted = mute ? muteBits(mute['scope']) : NO_TIE;
          const blocked = blocksOf(own.tie(id));
          // Nobody follows, or asks to, over a block.
          if (blocked !== NO_TIE) return [id, blocked | muted];
          return [id, (follow ? TIE.FOLLOWS : NO_TIE) | (asked.has(id) ? TIE.REQUESTED : NO_TIE) | muted];
        }),
      );
      return (viewerId) => ({
        viewerId,
        tie: (userId) => (userId === authorId ? (ties.get(viewerId) ?? NO_TIE) : NO_TIE),
        standing: (userId) => own.standing(userId),
        epoch: own.epoch,
      });
    },
  };
};

/** Blocks between the author and a viewer, as the viewer has them. */
const blocksOf = (tie: number): number =>
  ((tie & TIE.BLOCKS) !== 0 ? TIE.BLOCKED_BY : NO_TIE) | ((tie & TIE.BLOCKED_BY) !== 0 ? TIE.BLOCKS : NO_TIE);
