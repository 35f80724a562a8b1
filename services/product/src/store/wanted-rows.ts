import { whileAlive, type Ranked } from '@plaza/cache';
import { backgroundContext, mirroredId, type Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import { bucketsOf, type TrendingWindow } from '../domain/trending.ts';
import { products, wantedShards } from './table.ts';

/** Nobody pages deeper. */
const MOST = 1000;
/** Partitions read at a time. */
const IN_FLIGHT = 4;
/** On no reader's time. */
const SUM_MS = 30_000;
/** Rankings kept in the process, of each window: that of the current slot and of the one before. */
const KEPT = 2;

const windowOf = (set: string): string => set.split('@')[0]!;

/** Names the ranking of a slot. */
export const setOf = (window: TrendingWindow, slot: number): string => `${window}@${slot}`;

/**
 * The rankings themselves, added up from the buckets by strongly consistent reads, which takes a hundred queries. A process keeps
 * what it added up: without Redis each page would cost as much again, and two pages would show two rankings.
 */
export const createRankings = ({ db }: { db: Db }) => {
  const kept = new Map<string, Promise<Ranked[]>>();

  const addUp = async (set: string): Promise<Ranked[]> => {
    const [window, slot] = set.split('@') as [TrendingWindow, string];
    const ctx = backgroundContext({ method: 'product.add-up-wants', timeoutMs: SUM_MS });
    const partitions = bucketsOf(window, Number(slot)).flatMap((bucket) => wantedShards(window, bucket));
    const sums = new Map<string, number>();
    const lane = async () => {
      for (let pk = partitions.pop(); pk !== undefined; pk = partitions.pop()) {
        const { items } = await db.query(ctx, products, { pk });
        for (const { sk, points } of items) sums.set(sk, (sums.get(sk) ?? 0) + Number(points));
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    // Of equal scores the lower `since` stands higher: that of the newer one.
    return [...sums]
      .map(([id, score]) => ({ id, score, since: mirroredId(id), version: 1 }))
      .toSorted((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1))
      .slice(0, MOST);
  };

  return async function* (ctx: Context, set: string): AsyncIterable<readonly Ranked[]> {
    let ranking = kept.get(set);
    if (!ranking) {
      ranking = addUp(set);
      kept.set(set, ranking);
      ranking.catch(() => kept.delete(set));
      const sameWindow = [...kept.keys()].filter((other) => windowOf(other) === windowOf(set));
      for (const old of sameWindow.slice(0, -KEPT)) kept.delete(old);
    }
    // The sum goes on when its first reader is gone: the next one finds it.
    yield await whileAlive(ctx, ranking);
  };
};
