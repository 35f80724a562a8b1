import { backgroundContext, type Context, type RankedPlace, type ReadRanking, type TrendingWindow } from '@plaza/core';

import type { Redis } from './connect.ts';
import { whileAlive } from './flights.ts';
import { byRank, type Ranked } from './ranked-row.ts';
import { createRankedSet } from './ranked-set.ts';

/** Nobody pages deeper. */
const MOST = 1000;
/** On no reader's time. */
const SUM_MS = 30_000;
/** A slot's ranking is paged through for so long; after that it is added up again. */
const RANKING_TTL_MS = 15 * 60_000;
/** Rankings kept in the process, of each window: that of the current slot and of the one before. */
const KEPT = 2;

export interface SlotRankingsOptions {
  readonly redis: Redis;
  readonly namespace: string;
  /** Names the keys and the metric. */
  readonly name: string;
  /** Scores, safe integers, by id, printable ASCII: the same for whoever adds up the same rows. */
  readonly addUp: (ctx: Context, window: TrendingWindow, slot: number) => Promise<ReadonlyMap<string, number>>;
}

/**
 * What trends. Each slot of time has a ranking of its own, which does not change while it is there: pages are cut from it. Of equal
 * scores the greater id stands higher: that of the newer one. To add a ranking up is dear, and a process keeps what it added up:
 * without Redis each page would cost as much again, and two pages would show two rankings.
 */
export const createSlotRankings = (options: SlotRankingsOptions): ReadRanking => {
  const kept = new Map<string, Promise<Ranked[]>>();

  const addUp = async (set: string): Promise<Ranked[]> => {
    const { window, slot } = slotOf(set);
    const ctx = backgroundContext({ method: `${options.name}.add-up`, timeoutMs: SUM_MS });
    const sums = await options.addUp(ctx, window, slot);
    return [...sums]
      .map(([id, score]) => ({ id, score, since: '', version: 1 }))
      .toSorted(byRank)
      .slice(0, MOST);
  };

  const load = async function* (ctx: Context, set: string): AsyncIterable<readonly Ranked[]> {
    let ranking = kept.get(set);
    if (!ranking) {
      ranking = addUp(set);
      kept.set(set, ranking);
      ranking.catch(() => kept.delete(set));
      const sameWindow = [...kept.keys()].filter((other) => slotOf(other).window === slotOf(set).window);
      for (const old of sameWindow.slice(0, -KEPT)) kept.delete(old);
    }
    // The sum goes on when its first reader is gone: the next one finds it.
    yield await whileAlive(ctx, ranking);
  };

  const rankings = createRankedSet({ ...options, ttlMs: RANKING_TTL_MS, load });

  return async (ctx, window, slot, range): Promise<RankedPlace[]> => {
    const standings = await rankings.page(ctx, `${window}@${slot}`, range);
    return standings.map(({ id, score, rank }) => ({ slot, rank, score, id }));
  };
};

const slotOf = (set: string): { window: TrendingWindow; slot: number } => {
  const [window, slot] = set.split('@') as [TrendingWindow, string];
  return { window, slot: Number(slot) };
};
