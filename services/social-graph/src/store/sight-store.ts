import type { Redis } from '@plaza/cache';
import type { Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import type { Circle } from '../domain/circle.ts';
import { PUBLIC } from '../domain/tie.ts';
import { NO_TIE, type View } from '../domain/visibility.ts';
import { createCircleStore } from './circle-store.ts';
import { createCircles } from './circles.ts';
import { createKnownStandings } from './known-standings.ts';
import { createRounds } from './rounds.ts';
import type { StandingStore } from './standing-store.ts';

export interface Sight {
  /**
   * What the viewer (empty: nobody in particular) has to do with these people and how they stand, all as it was at some moment
   * after the call began.
   * @throws AppError UNAVAILABLE STORE_UNAVAILABLE when that cannot be verified
   */
  look(ctx: Context, viewerId: string, userIds: readonly string[]): Promise<View>;
}

/** Everything is remembered, and nothing of it believed before the table has confirmed its version (docs/decisions/0024). */
export const createSight = (deps: { db: Db; redis: Redis; namespace: string; standings: StandingStore }): Sight => {
  const { db, redis, namespace, standings } = deps;
  const { metrics } = redis;
  const store = createCircleStore({ db });
  const circles = createCircles({ store, redis, namespace });
  const known = createKnownStandings({ standings, metrics });
  const rounds = createRounds({ db, metrics, heard: (head) => known.hear(head) });

  const tiesOf = async (ctx: Context, viewerId: string, version: number | undefined, others: readonly string[]) => {
    if (version === undefined) return NO_TIES;
    const circle: Circle = (await circles.at(ctx, viewerId, version)) ?? NO_TIES;
    if (circle.unheld.length === 0) return circle;
    const pairs = await store.pairs(ctx, viewerId, circle.unheld, others);
    return { ...circle, ties: new Map(others.map((id) => [id, (circle.ties.get(id) ?? NO_TIE) | (pairs.get(id) ?? NO_TIE)])) };
  };

  return {
    look: async (ctx, viewerId, userIds) => {
      const ids = [...new Set(userIds)];
      const { version, head } = await rounds.confirm(ctx, viewerId);
      const [{ ties, version: seen }, people] = await Promise.all([
        tiesOf(ctx, viewerId, version, ids),
        known.of(ctx, ids, head),
      ]);
      return {
        viewerId,
        tie: (id) => ties.get(id) ?? NO_TIE,
        standing: (id) => people.get(id) ?? PUBLIC,
        epoch: `${seen}.${head.seq}`,
      };
    },
  };
};

const NO_TIES: Circle = { version: 0, ties: new Map(), unheld: [] };
