import type { Clock } from './clock.ts';
import type { Context } from './context.ts';
import { fillPage, type Page } from './fill-page.ts';
import { callerKey } from './mutation.ts';
import { pageSizeOf, type PageTokens } from './page-token.ts';
import { goOn, isBelow, passed, type RankedPlace, type TrendingWindow } from './trending-window.ts';

/** Reads a slot's ranking from the top, the first `from` left out. */
export type ReadRanking = (
  ctx: Context,
  window: TrendingWindow,
  slot: number,
  range: { from: number; limit: number },
) => Promise<RankedPlace[]>;

interface Asked {
  readonly window: TrendingWindow;
  readonly pageSize: number;
  readonly pageToken: string;
}

/**
 * A page of what trends, with the token of the next one. Pages are cut from the ranking that the first one showed. `show` answers for
 * ids of the ranking, aligned: undefined is left out.
 */
export const trendingPage = async <T>(
  ctx: Context,
  { window, pageSize, pageToken }: Asked,
  parts: {
    readonly ranking: ReadRanking;
    readonly show: (ids: readonly string[]) => Promise<readonly (T | undefined)[]>;
    readonly pageTokens: PageTokens;
    readonly now: Clock;
    /** Reads after which a page goes out short, see fillPage. */
    readonly maxRounds?: number;
  },
): Promise<{ items: { score: number; shown: T }[]; nextPageToken: string }> => {
  const { ranking, show, pageTokens, now, maxRounds } = parts;
  const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: window };
  const size = pageSizeOf(pageSize);
  const start = goOn(window, pageTokens.decode<RankedPlace>(scope, pageToken), now());
  const read = async (after: RankedPlace | undefined) => {
    // One more than asked for tells whether there is a next page.
    const places = await ranking(ctx, window, start.slot, { from: after?.rank ?? 0, limit: size + 1 });
    const candidates = places.slice(0, size);
    const shown = await show(candidates.map(({ id }) => id));
    const entries = candidates.map((place, i) => {
      const found = isBelow(place, after) ? shown[i] : undefined;
      return { place: passed(place, after), item: found && { score: place.score, shown: found } };
    });
    return { entries, end: places.length <= size };
  };
  const page: Page<{ score: number; shown: T }, RankedPlace> = await fillPage(size, start.after, read, maxRounds);
  return {
    items: [...page.items],
    nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
  };
};
