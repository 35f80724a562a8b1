import type { EntityCache } from '@plaza/cache';
import type { Context, Metrics } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import { NO_TIES, type Circle } from '../domain/circle.ts';
import { PUBLIC, type Standing } from '../domain/tie.ts';
import { NO_TIE, type View } from '../domain/visibility.ts';
import { createCircleStore } from './circle-store.ts';
import { createCircles } from './circles.ts';
import { createKnownStandings, NOTHING_READ, type Read } from './known-standings.ts';
import { createRounds, unverified } from './rounds.ts';
import type { StandingStore } from './standing-store.ts';

export interface Sight {
  /**
   * What the viewer (empty: nobody in particular) has to do with these people, as it was at some moment after the call began, and
   * how they stand, as it was at some such moment. How is asked of `whose` alone, where that is not all of them.
   * @throws AppError UNAVAILABLE STORE_UNAVAILABLE when that cannot be verified
   */
  look(ctx: Context, viewerId: string, userIds: readonly string[], whose?: readonly string[]): Promise<View>;
}

/** Each means that ties or standings moved while they were read. */
const MAX_TRIES = 20;

interface Deps {
  readonly db: Db;
  readonly circles: EntityCache<Circle>;
  readonly standings: Pick<StandingStore, 'of'>;
  readonly metrics: Metrics;
  /** Ties of one kind that are held of one viewer, ties held in memory, and standings held in memory. */
  readonly most?: { readonly ofKind?: number; readonly ties?: number; readonly standings?: number };
}

/**
 * Everything is remembered, and nothing of it believed before the table has confirmed its version (docs/decisions/0024). What had to
 * be read is confirmed as what was remembered is: by the next round, so that one round stands behind each view and its epoch.
 */
export const createSight = ({ db, circles: far, standings, metrics, most = {} }: Deps): Sight => {
  const store = createCircleStore({ db, most: most.ofKind });
  const circles = createCircles({ store, far, metrics, mostTies: most.ties });
  const known = createKnownStandings({ metrics, most: most.standings });
  const rounds = createRounds({ db, metrics, heard: (head) => known.hear(head) });

  return {
    look: async (ctx, viewerId, userIds, whose = userIds) => {
      const ids = [...new Set(userIds)];
      const standers = whose === userIds ? ids : [...new Set(whose)];
      let read: Read = NOTHING_READ;
      let circle: Circle = NO_TIES;
      let pairs: Pairs = { version: 0, ties: NO_TIES.ties };
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const seen = await rounds.confirm(ctx, viewerId, ({ version, head }) => ({
          version,
          seq: head.seq,
          circle: circles.held(viewerId, version),
          standings: known.of(standers, read),
        }));
        const { version, seq } = seen;
        const found = seen.standings;
        const missing = found.size < standers.length ? standers.filter((id) => !found.has(id)) : [];
        if (seen.circle) circle = seen.circle;
        else if (circle.version !== version) circle = await circles.at(ctx, viewerId, version);
        const isPaired = circle.unheld.length === 0 || pairs.version === version;
        if (circle.version === version && isPaired && missing.length === 0) return view(viewerId, circle, pairs, found, seq);
        if (!isPaired) pairs = { version, ties: await store.pairs(ctx, viewerId, circle.unheld, ids) };
        if (missing.length > 0) read = { seq, standings: await standings.of(ctx, missing) };
      }
      throw unverified();
    },
  };
};

/** Ties of the kinds that the circle does not hold. */
interface Pairs {
  readonly version: number;
  readonly ties: ReadonlyMap<string, number>;
}

const view = (viewerId: string, circle: Circle, pairs: Pairs, standings: ReadonlyMap<string, Standing>, seq: number): View => ({
  viewerId,
  tie:
    circle.unheld.length === 0
      ? (id) => circle.ties.get(id) ?? NO_TIE
      : (id) => (circle.ties.get(id) ?? NO_TIE) | (pairs.ties.get(id) ?? NO_TIE),
  standing: (id) => standings.get(id) ?? PUBLIC,
  epoch: `${circle.version}.${seq}`,
});
