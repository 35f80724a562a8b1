import { fillPage, idTime, type Clock, type Context } from '@plaza/core';

import { rankingExpired } from './domain/errors.ts';
import { entryOf, type Entry } from './domain/home/entry.ts';
import { placed, type Position } from './domain/home/merge.ts';
import { distinct, RANKED, ranked } from './domain/home/ranking.ts';
import type { FeedPages } from './feed-pages.ts';
import { withOthers, type FeedReading, type Seen } from './feed-reading.ts';
import type { Candidates } from './skeleton.ts';
import type { Ranking, RankingStore } from './store/home/ranking-store.ts';

/** Within a ranking, or behind it. */
export type RankedPosition = { readonly ranking: string; readonly from: number } | Position;

interface Ask {
  readonly viewerId: string;
  readonly after: RankedPosition | undefined;
  readonly size: number;
}

interface RankedPage {
  readonly items: readonly Seen[];
  readonly next: RankedPosition | undefined;
}

export type RankedPages = ReturnType<typeof createRankedPages>;

/**
 * Pages of a feed in the order of worth: the newest 200 items are ranked once and cut into pages, so that no page repeats what another has
 * shown; behind them it goes on by time. Whether an item may be shown is asked anew for each page.
 */
export const createRankedPages = (deps: {
  feedPages: FeedPages;
  feedReading: FeedReading;
  rankings: RankingStore;
  now: Clock;
}) => {
  const { feedPages, feedReading, rankings, now } = deps;
  const order = (items: readonly Seen[]): Seen[] => ranked(distinct(items), now(), timeOf);

  const first = async (ctx: Context, feed: Candidates, viewerId: string, size: number): Promise<RankedPage> => {
    const { items, next } = await feedPages(ctx, feed, { viewerId, after: undefined, size: RANKED });
    const all = order(items);
    if (all.length <= size) return { items: all, next };
    const ranking: Ranking = {
      items: all.map(({ entry, others = [] }) => ({ key: entry.key, others: others.map(({ key }) => key) })),
      ...(next && { next }),
    };
    const id = await rankings.keep(ranking);
    if (id !== undefined) return { items: all.slice(0, size), next: { ranking: id, from: size } };
    // It cannot be kept: the newest alone are shown by their worth, so that what comes behind them is neither lost nor shown again.
    const newest = items.slice(0, size);
    const { place } = placed(
      undefined,
      newest.map((item) => ({ key: item.entry.key, item })),
    ).at(-1)!;
    return { items: all.filter((item) => newest.includes(item)), next: place };
  };

  const further = async (ctx: Context, id: string, from: number, { viewerId, size }: Ask): Promise<RankedPage> => {
    const ranking = await rankings.find(id);
    if (ranking === undefined) throw rankingExpired();
    const page = await fillPage<Seen, number>(size, from, async (at = from) => {
      const part = ranking.items.slice(at, at + size);
      const entries = part.flatMap(({ key, others }) => [key, ...others].map(entryOf));
      const seen = await feedReading.judge(ctx, entries, viewerId);
      const known = new Map(entries.map(({ key }, i) => [key, seen[i]]));
      return {
        entries: part.map(({ key, others }, i) => {
          const item = known.get(key);
          const names = others.flatMap((other) => known.get(other)?.entry ?? []);
          return { place: at + i + 1, item: item && withOthers(item, names) };
        }),
        end: at + size >= ranking.items.length,
      };
    });
    return { items: page.items, next: page.next === undefined ? ranking.next : { ranking: id, from: page.next } };
  };

  /** @throws FAILED_PRECONDITION RANKING_EXPIRED; UNAVAILABLE VISIBILITY_UNKNOWN */
  return async (ctx: Context, feed: Candidates, ask: Ask): Promise<RankedPage> => {
    const { viewerId, after, size } = ask;
    if (after === undefined) return first(ctx, feed, viewerId, size);
    if ('ranking' in after) return further(ctx, after.ranking, after.from, ask);
    return feedPages(ctx, feed, { viewerId, after, size });
  };
};

const timeOf = ({ place }: Entry): number => idTime(place);
