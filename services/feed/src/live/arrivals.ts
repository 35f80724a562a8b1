import { backgroundContext, errorFields, type Log, type Metrics } from '@plaza/core';
import type { FeedSignal } from '@plaza/proto/plaza/feed/v1/signals';

import { entryOf } from '../domain/home/entry.ts';
import { liveArrivals } from '../metrics.ts';
import { AUDIENCE, type ItemsFor } from './audience.ts';
import type { Seats } from './seats.ts';

/** Entries that are worked at a time, and that wait. */
const AT_ONCE = 4;
const WAITING = 1_000;
const WORK_MS = 5_000;
/** After a failure, and after the bus was away, streams look by themselves within this time. */
const AGAIN_MS = 3_000;

export type Arrivals = ReturnType<typeof createArrivals>;

/**
 * What the bus says has come into feeds, told to the streams of this process that tell of those: once an entry, not once a stream. The
 * chunks of one fan-out come close behind each other and are worked together. Nothing depends on it: streams look by themselves.
 */
export const createArrivals = (deps: { seats: Seats; itemsFor: ItemsFor; log: Log; metrics: Metrics; now: () => number }) => {
  const { seats, itemsFor, log, now } = deps;
  const told = deps.metrics.counter(liveArrivals);
  const waiting = new Map<string, Set<string>>();
  let working = 0;

  const work = async (key: string, viewerIds: readonly string[]): Promise<void> => {
    for (let i = 0; i < viewerIds.length; i += AUDIENCE) {
      const viewers = viewerIds.slice(i, i + AUDIENCE);
      try {
        const at = now();
        const items = await itemsFor(backgroundContext({ method: 'feed.live', timeoutMs: WORK_MS, log }), entryOf(key), viewers);
        for (const [viewerId, item] of items) seats.offer(viewerId, { key, item, at });
        told.add({ outcome: 'told' });
      } catch (error) {
        log.warn('feed.live_not_told', { entry: key, viewers: viewers.length, ...errorFields(error) });
        told.add({ outcome: 'failed' });
        seats.look(viewers, AGAIN_MS);
      }
    }
  };

  const run = async (): Promise<void> => {
    if (working >= AT_ONCE) return;
    working++;
    for (let [next] = waiting; next; [next] = waiting) {
      const [key, viewers] = next;
      waiting.delete(key);
      await work(key, [...viewers]);
    }
    working--;
  };

  return {
    hear({ entry, sourceId, viewerIds }: FeedSignal): void {
      const viewers = viewerIds.length === 0 ? seats.pulling(sourceId) : viewerIds.filter(seats.has);
      if (viewers.length === 0) return;
      const others = waiting.get(entry);
      if (others === undefined && waiting.size >= WAITING) {
        told.add({ outcome: 'dropped' });
        return seats.look(viewers, AGAIN_MS);
      }
      waiting.set(entry, new Set([...(others ?? []), ...viewers]));
      void run();
    },

    /** There is a bus again: what was said meanwhile is missed. */
    joined: (): void => seats.look(seats.everybody(), AGAIN_MS),
  };
};
