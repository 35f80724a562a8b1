import { createSnapshots, type Redis } from '@plaza/cache';

import type { Position } from '../../domain/home/merge.ts';

/** As ListHomeFeed promises. */
const KEPT_MS = 10 * 60_000;

/** One ranking of one feed, which pages are cut from. */
export interface Ranking {
  /** Each item with the entries that are merged into it. */
  readonly items: readonly { readonly key: string; readonly others: readonly string[] }[];
  /** Where the feed goes on behind them, newest first; absent at its end. */
  readonly next?: Position;
}

export type RankingStore = ReturnType<typeof createRankingStore>;

/** Rankings hold keys alone: what is shown of them is judged at every read. */
export const createRankingStore = (options: { redis: Redis; namespace: string }) => {
  const snapshots = createSnapshots({ ...options, name: 'home-ranking', ttlMs: KEPT_MS });
  return {
    /** Undefined when it cannot be kept. */
    keep: (ranking: Ranking): Promise<string | undefined> => snapshots.keep(JSON.stringify(ranking)),

    async find(id: string): Promise<Ranking | undefined> {
      const text = await snapshots.find(id);
      return text === undefined ? undefined : (JSON.parse(text) as Ranking);
    },
  };
};
