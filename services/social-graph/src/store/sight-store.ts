import type { Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import { PUBLIC } from '../domain/tie.ts';
import { NO_TIE, TIE, type View } from '../domain/visibility.ts';
import type { StandingStore } from './standing-store.ts';
import { graph, keys } from './table.ts';

export interface Sight {
  /**
   * What the viewer (empty: nobody in particular) has to do with these people and how they stand, all as it was at some moment
   * after the call began.
   * @throws AppError UNAVAILABLE STORE_UNAVAILABLE when that cannot be verified
   */
  look(ctx: Context, viewerId: string, userIds: readonly string[]): Promise<View>;
}

export const createSight = ({ db, standings }: { db: Db; standings: StandingStore }): Sight => {
  const tiesTo = async (ctx: Context, viewerId: string, ids: readonly string[]): Promise<Map<string, number>> => {
    const rows = await db.batchGet(
      ctx,
      graph,
      ids.flatMap((id) => [
        keys.following(viewerId, id),
        keys.requested(viewerId, id),
        keys.blocking(viewerId, id),
        keys.blockedBy(viewerId, id),
        keys.muting(viewerId, id),
      ]),
    );
    return new Map(
      ids.map((id, i) => {
        const [follows, requested, blocks, blockedBy, mutes] = rows.slice(5 * i, 5 * i + 5);
        const bits = [
          follows && TIE.FOLLOWS,
          requested && TIE.REQUESTED,
          blocks && TIE.BLOCKS,
          blockedBy && TIE.BLOCKED_BY,
          mutes && (mutes['scope'] === 'ALL' ? TIE.MUTES : TIE.MUTES_REPOSTS),
        ];
        return [id, bits.reduce<number>((sum, bit) => sum | (bit ?? 0), NO_TIE)];
      }),
    );
  };

  return {
    look: async (ctx, viewerId, userIds) => {
      const ids = [...new Set(userIds)];
      const [ties, people] = await Promise.all([
        viewerId === '' ? new Map<string, number>() : tiesTo(ctx, viewerId, ids),
        standings.of(ctx, ids),
      ]);
      return {
        viewerId,
        tie: (id) => ties.get(id) ?? NO_TIE,
        standing: (id) => people.get(id) ?? PUBLIC,
        epoch: '',
      };
    },
  };
};
