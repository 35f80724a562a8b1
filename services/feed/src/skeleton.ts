import type { GraphClients } from '@plaza/clients';
import { assertAlive, errorFields, type Clock, type Context } from '@plaza/core';
import { feedRebuild, type Bus } from '@plaza/events';

import { visibilityUnknown } from './domain/errors.ts';
import { floorAt, isAwake, type FeedState } from './domain/home/feed-state.ts';
import { viewerOf } from './mapping.ts';
import type { FeedStateStore } from './store/home/feed-state-store.ts';
import type { HomeFeedStore, Stretch } from './store/home/home-feed-store.ts';
import type { SavedProducts } from './store/home/saved-products.ts';
import type { SourceTimelines } from './store/home/source-timelines.ts';

/** Sources that are read at once when all of them are asked for. */
const GROUP = 64;
/** As many pulled sources are read without asking first which of them said anything lately. */
const FEW = 200;
/** A rebuilding that takes longer is asked for again: the queue may have lost it. */
const OVERDUE_MS = 10_000;
/** How exactly it is known when a viewer last read. */
const TOUCH_MS = 3_600_000;

const dayOf = (at: number): number => Math.floor(at / (24 * 3_600_000));

/** One feed, as one call reads it. */
export interface Candidates {
  readonly state: FeedState;
  /** Sources whose entries are in no rows. */
  readonly pulled: readonly string[];
  /**
   * Keys below a position, newest first, each once: proposals, that are to be judged. `more` says whether older ones may exist. Who reads
   * for longer than it was opened for gives each page a context of its own.
   */
  page(before: string | undefined, limit: number, ctx?: Context): Promise<Stretch>;
}

type Bounds = Awaited<ReturnType<SourceTimelines['bounds']>>;

export type Skeleton = ReturnType<typeof createSkeleton>;

/**
 * Which entries a feed may have. A feed is what the timelines of its sources say; its rows, and the timelines of sources that are
 * pulled, answer down to the floor, and below it, or while there are no rows, the timelines of all sources are merged.
 */
export const createSkeleton = (deps: {
  homeFeeds: Pick<HomeFeedStore, 'page'>;
  states: FeedStateStore;
  timelines: Pick<SourceTimelines, 'pages' | 'bounds'>;
  sourcesOf: SourcesOf;
  tasks: Pick<Bus, 'enqueue'>;
  now: Clock;
}) => {
  const { homeFeeds, states, timelines, sourcesOf, tasks, now } = deps;

  /** The newest entries of several sources. Who cannot have said anything that is new enough is not asked. */
  const merge = async (ctx: Context, bounds: Bounds, before: string | undefined, limit: number) => {
    let best: string[] = [];
    for (let i = 0; i < bounds.length; i += GROUP) {
      const group = bounds.slice(i, i + GROUP);
      if (best.length > limit && group[0]!.bound < best[limit]!) break;
      const ids = group.map(({ sourceId }) => sourceId);
      best = newestOf([best, ...(await timelines.pages(ctx, ids, before, limit + 1)).map((page) => page.ids)], limit + 1);
    }
    return { ids: best.slice(0, limit), more: best.length > limit };
  };

  const few = async (ctx: Context, pulled: readonly string[], before: string | undefined, limit: number): Promise<Stretch> => {
    if (pulled.length === 0) return { ids: [], more: false };
    const pages = await timelines.pages(ctx, pulled, before, limit + 1);
    const ids = newestOf(
      pages.map((page) => page.ids),
      limit + 1,
    );
    return { ids: ids.slice(0, limit), more: ids.length > limit };
  };

  /** @throws UNAVAILABLE VISIBILITY_UNKNOWN: whom a viewer follows is the graph's to say. */
  const known = (ctx: Context, viewerId: string): Promise<readonly string[]> =>
    sourcesOf(ctx, viewerId).catch((error: unknown) => {
      assertAlive(ctx);
      ctx.log.warn('feed.sources_unknown', errorFields(error));
      throw visibilityUnknown(error);
    });

  const rebuild = async (ctx: Context, viewerId: string, { epoch }: FeedState): Promise<void> => {
    const id = `${viewerId}/${epoch}/${Math.floor(now() / OVERDUE_MS)}`;
    // The page does not need it; the next one asks again.
    await tasks
      .enqueue(feedRebuild, { viewerId, epoch: BigInt(epoch) }, { id, trace: ctx.trace })
      .catch((error: unknown) => ctx.log.warn('feed.rebuild_not_queued', { viewerId, message: String(error) }));
  };

  return {
    /** Puts the feed together anew, in the background. */
    async rebuild(ctx: Context, viewerId: string): Promise<FeedState> {
      const state = await states.restart(ctx, viewerId);
      await rebuild(ctx, viewerId, state);
      return state;
    },

    /** Reads how far the feed can be believed. The viewer wakes it, and keeps it awake; whoever else reads leaves it as it is. */
    async open(ctx: Context, viewerId: string, { wake = viewerOf(ctx.caller) === viewerId } = {}): Promise<Candidates> {
      const head = await states.read(ctx, viewerId);
      let { state } = head;
      if (!wake) state = isAwake(state, now()) ? state : asleep(state);
      else if (!isAwake(state, now())) {
        // Another reader may have woken it, and it may be READY; but its marks were read before that.
        state = { ...(await states.wake(ctx, viewerId)), state: 'BUILDING' };
        await rebuild(ctx, viewerId, state);
      } else if (state.state === 'BUILDING' && now() - state.since > OVERDUE_MS) await rebuild(ctx, viewerId, state);
      else if (now() - state.readAt > TOUCH_MS) {
        await states.touch(ctx, viewerId);
        // The first read of a day has it cut to its length.
        if (dayOf(now()) > dayOf(state.readAt)) await rebuild(ctx, viewerId, state);
      }

      // Asked once for all pages.
      const bounds = once(async (own) => timelines.bounds(own, await known(own, viewerId)));
      const boundsOfPulled = once((own) => timelines.bounds(own, head.pulled));
      const below = async (own: Context, before: string | undefined, limit: number) =>
        merge(own, await bounds(own), before, limit);
      const pull = async (own: Context, before: string | undefined, limit: number) =>
        head.pulled.length > FEW ? merge(own, await boundsOfPulled(own), before, limit) : few(own, head.pulled, before, limit);

      const floor = floorAt(state, now());
      let isWhole = state.state === 'READY';
      /** A trim raises the floor before it takes rows, though never the newest; they may end there, and not where the feed does. */
      const isCut = async (own: Context) => {
        const { epoch, floor } = (await states.get(own, viewerId)) ?? {};
        return epoch !== state.epoch || floor !== state.floor;
      };
      return {
        state,
        pulled: head.pulled,
        page: async (before, limit, own = ctx) => {
          if (!isWhole || (before !== undefined && before <= floor)) return below(own, before, limit);
          const [rows, pulled] = await Promise.all([
            homeFeeds.page(own, viewerId, { before, floor, limit }),
            pull(own, before, limit),
          ]);
          if (before !== undefined && !rows.more && (await isCut(own))) {
            isWhole = false;
            return below(own, before, limit);
          }
          const ids = newestOf([rows.ids, pulled.ids], limit + 1);
          const above = ids.filter((id) => id >= floor);
          if (above.length > limit || rows.more || (pulled.more && above.length === ids.length))
            return { ids: above.slice(0, limit), more: true };
          if (floor === '') return { ids: above, more: false };
          if (above.length === limit) return { ids: above, more: true };
          const rest = await below(own, floor, limit - above.length);
          return { ids: [...above, ...rest.ids], more: rest.more };
        },
      };
    },
  };
};

const once = <T>(ask: (ctx: Context) => Promise<T>): ((ctx: Context) => Promise<T>) => {
  let asked: Promise<T> | undefined;
  return (ctx) => (asked ??= ask(ctx));
};

/** Its rows are not to be believed. */
const asleep = (state: FeedState | undefined): FeedState => ({
  ...(state ?? { epoch: 0, since: 0, floor: '', oldest: '', readAt: 0, seen: '' }),
  state: 'BUILDING',
});

/** All whose timelines a viewer's feed is made of: those followed, the viewer, and products kept in view. */
export type SourcesOf = (ctx: Context, viewerId: string) => Promise<readonly string[]>;

export const createSourcesOf =
  (graph: Pick<GraphClients['graph'], 'streamFollowing'>, saves: Pick<SavedProducts, 'of'>): SourcesOf =>
  async (ctx, viewerId) => {
    const sources = [viewerId, ...(await saves.of(ctx, viewerId))];
    for await (const { followeeIds } of graph.streamFollowing(ctx, { followerId: viewerId })) sources.push(...followeeIds);
    return sources;
  };

const newestOf = (lists: readonly (readonly string[])[], limit: number): string[] =>
  [...new Set(lists.flat())].sort().reverse().slice(0, limit);
