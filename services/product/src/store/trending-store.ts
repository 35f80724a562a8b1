import type { RankedSet } from '@plaza/cache';
import type { Context } from '@plaza/core';

import type { RankedPlace, TrendingWindow } from '../domain/trending.ts';
import { setOf } from './wanted-rows.ts';

export type TrendingStore = ReturnType<typeof createTrendingStore>;

/** What was wanted most. Each slot of time has a ranking of its own, which does not change while it is there: pages are cut from it. */
export const createTrendingStore = ({ rankings }: { rankings: RankedSet }) => ({
  /** From the top, the first `from` left out. */
  async page(ctx: Context, window: TrendingWindow, slot: number, range: { from: number; limit: number }): Promise<RankedPlace[]> {
    const standings = await rankings.page(ctx, setOf(window, slot), range);
    return standings.map(({ id, score, rank }) => ({ slot, rank, score, productId: id }));
  },
});
