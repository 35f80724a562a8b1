import { AppError, type Hub } from '@plaza/core';
import type { FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';

/** As the server ends who takes nothing at all. */
const tooSlowToTell = () =>
  new AppError(
    'RESOURCE_EXHAUSTED',
    'STREAM_TOO_SLOW',
    'items come faster than they are taken; go on from the last resume token',
    {
      domain: 'plaza',
    },
  );
/** Items that wait for a client to take them. */
const QUEUE = 100;
/** A stream looks into its feed about so often, for what it was not told of: a thousand idle streams cost some 30 looks a second. */
const LOOK_MS = 30_000;

/** An item that came in, judged at some time. */
export interface Arrival {
  readonly key: string;
  readonly item: FeedItem;
  /** Epoch milliseconds, before it was judged. */
  readonly at: number;
}

/** One open stream. */
export interface Seat extends Disposable {
  /** Waits for an arrival, or for the time of the next look. */
  wait(signal: AbortSignal): Promise<void>;
  /** Whether it is time to look. What arrives from here on waits. */
  isDue(): boolean;
  /** The look is over; the next one comes after `afterMs`, about. */
  looked(): void;
  /** It failed; until the next one begins nothing is taken, for that one finds all of it, in its order. */
  failed(retryMs: number): void;
  /** The next arrival. @throws RESOURCE_EXHAUSTED STREAM_TOO_SLOW */
  take(): Arrival | undefined;
  /** Sources whose entries are not pushed into the feed. */
  pulls: ReadonlySet<string>;
}

export type Seats = ReturnType<typeof createSeats>;

/** The streams of this process, by whose feed they tell, and what waits in each. */
export const createSeats = ({ hub, now, random }: { hub: Hub; now: () => number; random: () => number }) => {
  const seats = new Map<string, Set<Seat & { offer(arrival: Arrival): void; lookBy(at: number): void }>>();

  const spread = (ms: number): number => ms * (0.8 + 0.4 * random());

  const sit = (viewerId: string): Seat => {
    const lookout = hub.watch(viewerId);
    let queue: Arrival[] = [];
    let due = 0;
    let looking = false;
    let again = false;
    let blind = false;
    let tooSlow = false;
    const seat = {
      pulls: new Set<string>() as ReadonlySet<string>,
      wait: (signal: AbortSignal) => lookout.next(Math.max(0, due - now()), signal),
      isDue: () => {
        looking = due <= now();
        if (looking) blind = false;
        return looking;
      },
      looked: () => {
        due = now() + (again ? 0 : spread(LOOK_MS));
        looking = again = false;
      },
      failed: (retryMs: number) => {
        due = now() + spread(retryMs);
        looking = again = false;
        blind = true;
        queue = [];
      },
      take: () => {
        if (tooSlow) throw tooSlowToTell();
        return queue.shift();
      },
      offer: (arrival: Arrival) => {
        if (blind) return;
        if (queue.push(arrival) <= QUEUE) return;
        queue = [];
        // Who looks is not slow: the next look finds what is dropped.
        if (looking) seat.lookBy(now());
        else tooSlow = true;
      },
      lookBy: (at: number) => {
        if (looking) again = true;
        else due = Math.min(due, at);
      },
      [Symbol.dispose]: () => {
        lookout[Symbol.dispose]();
        others.delete(seat);
        if (others.size === 0) seats.delete(viewerId);
      },
    };
    const others = seats.get(viewerId) ?? new Set();
    seats.set(viewerId, others.add(seat));
    return seat;
  };

  return {
    sit,
    has: (viewerId: string): boolean => seats.has(viewerId),
    /** Those whose feeds are read together with the source's timeline. */
    pulling: (sourceId: string): string[] =>
      [...seats].flatMap(([viewerId, own]) => ([...own].some(({ pulls }) => pulls.has(sourceId)) ? [viewerId] : [])),
    offer(viewerId: string, arrival: Arrival): void {
      for (const seat of seats.get(viewerId) ?? []) seat.offer(arrival);
      hub.wake(viewerId);
    },
    /** Something may be there that was not told; looked for within so many milliseconds, not by all at one time. */
    look(viewerIds: Iterable<string>, withinMs: number): void {
      for (const viewerId of viewerIds) {
        for (const seat of seats.get(viewerId) ?? []) seat.lookBy(now() + withinMs * random());
        hub.wake(viewerId);
      }
    },
    everybody: (): string[] => [...seats.keys()],
    get size(): number {
      return [...seats.values()].reduce((sum, own) => sum + own.size, 0);
    },
  };
};
