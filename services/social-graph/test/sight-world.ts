import type { EntityCache } from '@plaza/cache';
import { isAppError, mutationOf, newId, noMetrics } from '@plaza/core';
import { createMemoryDb, type Db, type Fault } from '@plaza/dynamo';
import { asAdmin, testContext } from '@plaza/testing';

import type { Circle } from '../src/domain/circle.ts';
import { packCircle, unpackCircle } from '../src/store/circle-entry.ts';
import {
  planApprove,
  planBlock,
  planFollow,
  planMute,
  planUnblock,
  planUnfollow,
  planUnmute,
  type Plan,
} from '../src/domain/plan.ts';
import type { Standing } from '../src/domain/tie.ts';
import { NO_TIE, TIE } from '../src/domain/visibility.ts';
import { createSight } from '../src/store/sight-store.ts';
import { createStandingStore } from '../src/store/standing-store.ts';
import { graph, keys } from '../src/store/table.ts';
import { createTieStore } from '../src/store/tie-store.ts';

/** Lets whatever is under way wait for its turn. */
export type Wait = (label: string) => Promise<unknown>;

/** Reads of the test itself neither wait nor fail. */
const AUDIT = 'audit';
/** Nor do those of a change: it is over in a turn, so that many find their place within a look. */
const CHANGE = 'change';

/** A database that fails, and that reads one by one what is read together, as DynamoDB may do it. */
export const unsteadyDb = (wait: Wait, planned: readonly (Fault | undefined)[]): Db => {
  const left = [...planned];
  const db = createMemoryDb({
    faults: async ({ verb, method }) => {
      if (method === AUDIT || (method === CHANGE && verb !== 'transact')) return undefined;
      await wait(verb);
      return left.shift();
    },
  });
  return { ...db, batchGet: (ctx, table, all, options) => Promise.all(all.map((key) => db.get(ctx, table, key, options))) };
};

/** What the Redis of a moment does: answer, be away, have forgotten everything, or be restored from its oldest copy. */
export type Mood = 'well' | 'away' | 'wiped' | 'old';

/** What replicas share, as untrustworthy as it may be. */
export const moodyCache = (wait: Wait, planned: readonly Mood[]): EntityCache<Circle> => {
  const moods = [...planned];
  const kept = new Map<string, string[]>();
  const copies = (id: string): string[] => {
    const all = kept.get(id) ?? [];
    kept.set(id, all);
    return all;
  };
  const get: EntityCache<Circle>['get'] = async (_ctx, id, load) => {
    await wait('redis');
    const mood = moods.shift() ?? 'well';
    if (mood === 'away') return load();
    if (mood === 'wiped') kept.clear();
    const found = mood === 'old' ? copies(id)[0] : copies(id).at(-1);
    if (found !== undefined) return unpackCircle(found);
    const loaded = await load();
    if (loaded) copies(id).push(packCircle(loaded));
    return loaded;
  };
  return {
    get,
    getMany: () => Promise.reject(new Error('nobody asks for many')),
    put: async (_ctx, id, circle) => {
      await wait('redis');
      copies(id).push(packCircle(circle));
      return true;
    },
    bury: () => Promise.reject(new Error('nobody buries')),
  };
};

export type Deed =
  | 'follow'
  | 'unfollow'
  | 'block'
  | 'unblock'
  | 'mute'
  | 'muteReposts'
  | 'unmute'
  | 'blockedBy'
  | 'unblockedBy'
  | 'approvedBy';

const PLANS: Readonly<Record<Deed, Plan>> = {
  follow: planFollow(10),
  unfollow: planUnfollow,
  block: planBlock,
  unblock: planUnblock,
  mute: planMute('ALL'),
  muteReposts: planMute('REPOSTS'),
  unmute: planUnmute,
  blockedBy: planBlock,
  unblockedBy: planUnblock,
  approvedBy: planApprove(10),
};

/** The service as far as it changes and looks, over a database: one process each. */
export const changer = (db: Db) => {
  let clock = 1_000;
  const ties = createTieStore({ db, relay: { nudge: () => undefined }, now: () => clock++ % 7 });
  const standings = createStandingStore({ db });
  return {
    do: (deed: Deed, viewerId: string, authorId: string): Promise<unknown> => {
      const ids = deed.endsWith('By') ? ([authorId, viewerId] as const) : ([viewerId, authorId] as const);
      const ctx = { ...asAdmin(), method: CHANGE };
      const mutation = mutationOf(ctx, newId(), {});
      return insist(() => ties.change(ctx, mutation, { ids, plan: PLANS[deed], reply: () => null }));
    },
    stand: (userId: string, version: number, standing: Standing) =>
      insist(() => standings.set({ ...testContext(), method: CHANGE }, userId, version, standing)),
  };
};

export const looker = (db: Db, circles: EntityCache<Circle>, most: NonNullable<Parameters<typeof createSight>[0]['most']>) =>
  createSight({ db, circles, standings: createStandingStore({ db }), metrics: noMetrics, most });

/** The bits between a viewer and each author, as the table has them. */
export const bitsIn = async (db: Db, viewerId: string, authorIds: readonly string[]): Promise<number[]> => {
  const ctx = { ...testContext(), method: AUDIT };
  const bits = async (id: string): Promise<number> => {
    const [follows, requested, blocks, blockedBy, mutes] = await db.batchGet(ctx, graph, [
      keys.following(viewerId, id),
      keys.requested(viewerId, id),
      keys.blocking(viewerId, id),
      keys.blockedBy(viewerId, id),
      keys.muting(viewerId, id),
    ]);
    const muted = mutes && (mutes['scope'] === 'ALL' ? TIE.MUTES : TIE.MUTES_REPOSTS);
    return (
      (follows ? TIE.FOLLOWS : NO_TIE) |
      (requested ? TIE.REQUESTED : NO_TIE) |
      (blocks ? TIE.BLOCKS : NO_TIE) |
      (blockedBy ? TIE.BLOCKED_BY : NO_TIE) |
      (muted ?? NO_TIE)
    );
  };
  return Promise.all(authorIds.map(bits));
};

/** Whoever hears that the outcome is unknown, or lost a race, does the same again; a refusal is an answer. */
const insist = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (error.code !== 'UNAVAILABLE' && error.code !== 'ABORTED') return undefined;
    }
  }
};
