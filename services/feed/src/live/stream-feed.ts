import { isAppError, withTimeout, type Clock, type Context } from '@plaza/core';
import type { FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';

import { entryOf } from '../domain/home/entry.ts';
import type { FeedReading } from '../feed-reading.ts';
import type { Candidates, Skeleton } from '../skeleton.ts';
import { horizonOf } from './cursor.ts';
import { isEcho, newsIn, passOver, startAt, tell, type Position } from './position.ts';
import type { Seats } from './seats.ts';

/** Of one read of a look, which may take many, or of judging once. */
const READ_MS = 4_000;
const KEYS = 40;
/** More than a position remembers. */
const KEYS_AT_START = 201;
/** Who was away for longer is told the newest of what came meanwhile. */
const BACKLOG = 2_000;
/** Items judged together. */
const BATCH = 20;
/** What waited longer for its client is judged again. */
const STALE_MS = 1_000;
/** When a look has failed. */
const RETRY_MS = 3_000;

/** An answer of the stream: an item, or none, and how far the stream is with it. */
export interface Told {
  readonly item: FeedItem | undefined;
  readonly position: Position;
}

export type StreamFeed = ReturnType<typeof createStreamFeed>;

/**
 * What comes into one feed, each item once. Arrivals are told at once; what was not heard of is found by looking, at the beginning, now
 * and then, and when the bus was away. What is told is judged a moment before.
 */
export const createStreamFeed = (deps: { seats: Seats; skeleton: Skeleton; feedReading: FeedReading; now: Clock }) => {
  const { seats, skeleton, feedReading, now } = deps;

  /** Keys down to a position, the newest first. */
  const keysDownTo = async (ctx: Context, feed: Candidates, floor: string, atOnce: number): Promise<string[]> => {
    const keys: string[] = [];
    for (let more = true; more && keys.length < BACKLOG && (keys.at(-1) ?? floor) >= floor;) {
      const page = await feed.page(keys.at(-1), atOnce, withTimeout(ctx, READ_MS));
      keys.push(...page.ids);
      more = page.more && page.ids.length > 0;
    }
    return keys.slice(0, BACKLOG);
  };

  const judge = async (stream: Context, viewerId: string, keys: readonly string[]): Promise<Judged> => {
    const ctx = withTimeout(stream, READ_MS);
    const seen = await feedReading.judge(ctx, keys.map(entryOf), viewerId);
    const items = await feedReading.present(
      ctx,
      seen.flatMap((one) => one ?? []),
    );
    return { items: new Map(items.map((item) => [item.itemId, item])), at: now() };
  };

  return async function* (ctx: Context, viewerId: string, from: Position | undefined): AsyncGenerator<Told> {
    // Before the first look: what comes after it arrives here.
    using seat = seats.sit(viewerId);
    const open = async (): Promise<Candidates> => {
      const feed = await skeleton.open(withTimeout(ctx, READ_MS), viewerId);
      seat.pulls = new Set(feed.pulled);
      return feed;
    };
    const start = async (): Promise<Position> => {
      seat.isDue();
      const keys = await keysDownTo(ctx, await open(), horizonOf(now()), KEYS_AT_START);
      seat.looked();
      return startAt(now(), keys);
    };
    let position = from ?? (await start());

    /** Tells what may be shown, and answers the rest. What its client lets wait is judged again, with all that waits behind it. */
    async function* tellAll(keys: readonly string[], first?: Judged): AsyncGenerator<Told, string[]> {
      let judged = first;
      const hidden: string[] = [];
      for (const [i, key] of keys.entries()) {
        if (judged === undefined || now() - judged.at > STALE_MS) judged = await judge(ctx, viewerId, keys.slice(i));
        const item = judged.items.get(key);
        if (item === undefined) {
          hidden.push(key);
          continue;
        }
        const echo = isEcho(position, key);
        position = echo ? passOver(position, [key]) : tell(position, key);
        if (!echo) yield { item, position };
      }
      return hidden;
    }

    async function* look(): AsyncGenerator<Told> {
      const news = newsIn(position, await keysDownTo(ctx, await open(), position.cursor.since, KEYS));
      const hidden: string[] = [];
      for (let i = 0; i < news.length; i += BATCH) hidden.push(...(yield* tellAll(news.slice(i, i + BATCH))));
      // What is young may still come to be shown; the rest need not be judged with every look.
      position = passOver(
        position,
        hidden.filter((key) => key < horizonOf(now())),
      );
    }

    yield { item: undefined, position };
    while (!ctx.signal.aborted) {
      // Before anything is taken: telling what is new moves the position past what is much older.
      if (seat.isDue()) {
        try {
          yield* look();
          seat.looked();
        } catch (error) {
          if (ctx.signal.aborted || !isAppError(error) || !PASSING.has(error.code)) throw error;
          ctx.log.warn('feed.look_failed', { viewerId, reason: error.reason });
          seat.failed(RETRY_MS);
        }
        continue;
      }
      const next = seat.take();
      if (next === undefined) await seat.wait(ctx.signal);
      else if (newsIn(position, [next.key]).length > 0)
        yield* tellAll([next.key], { items: new Map([[next.key, next.item]]), at: next.at });
    }
  };
};

/** What may be shown of some keys, as was known at a time. Not when it was asked: or who answers slowly would be asked for each key. */
interface Judged {
  readonly items: ReadonlyMap<string, FeedItem>;
  readonly at: number;
}

/** Streams outlive these: the next look finds what this one did not. */
const PASSING: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'ABORTED']);
