import { fillPage, type Context, type Metrics } from '@plaza/core';

import { entryOf, type Entry } from './domain/home/entry.ts';
import { passedOnToo, placed, WINDOW, type Position } from './domain/home/merge.ts';
import { withOthers, type FeedReading, type Seen } from './feed-reading.ts';
import { refillRounds } from './metrics.ts';
import type { Candidates } from './skeleton.ts';

/** After so many reads the page goes out short, with a token: one reader's hidden rows must not cost without end. */
const MAX_ROUNDS = 10;

interface Ask {
  readonly viewerId: string;
  readonly after: Position | undefined;
  readonly size: number;
}

export type FeedPages = ReturnType<typeof createFeedPages>;

/** Pages of a feed, newest first: candidates are read and judged until the page is full. Everything that decides is read anew each time. */
export const createFeedPages = ({ feedReading, metrics }: { feedReading: FeedReading; metrics: Metrics }) => {
  const refills = metrics.histogram(refillRounds);

  return async (ctx: Context, feed: Candidates, { viewerId, after, size }: Ask) => {
    const keys: string[] = [];
    const known = new Map<string, Seen | undefined>();
    let hasMore = true;

    const judge = async (entries: readonly Entry[]) => {
      const seen = await feedReading.judge(ctx, entries, viewerId);
      for (const [i, { key }] of entries.entries()) known.set(key, seen[i]);
    };
    const read = async (before: string | undefined, limit: number): Promise<string[]> => {
      const { ids, more } = await feed.page(before, limit);
      keys.push(...ids);
      hasMore = more;
      return [...ids];
    };

    const page = await fillPage<Seen, Position>(
      size,
      after,
      async (from) => {
        const ids = await read(from?.at, size);
        await judge(ids.map(entryOf));
        const entries = placed(
          from,
          ids.map((key) => ({ key, item: known.get(key) })),
        );
        return { entries, end: !hasMore };
      },
      MAX_ROUNDS,
    );
    refills.observe({}, page.rounds);

    /** Others who passed on what is shown, as far as the keys close behind it tell. */
    const merged = async (items: readonly Seen[]): Promise<Seen[]> => {
      const reposts = items.filter(({ entry }) => entry.kind === 'REPOST');
      const last = reposts.at(-1);
      if (!last) return [...items];
      const missing = keys.indexOf(last.entry.key) + 1 + WINDOW - keys.length;
      if (missing > 0 && hasMore) await read(keys.at(-1), missing);
      const behind = new Map(reposts.map(({ entry }) => [entry, passedOnToo(entry, keys.slice(keys.indexOf(entry.key) + 1))]));
      await judge(
        [...new Map([...behind.values()].flat().map((entry) => [entry.key, entry])).values()].filter(
          ({ key }) => !known.has(key),
        ),
      );
      return items.map((item) => {
        const others = (behind.get(item.entry) ?? []).filter(({ key }) => known.get(key) !== undefined);
        return withOthers(item, others);
      });
    };
    return { items: await merged(page.items), next: page.next };
  };
};
