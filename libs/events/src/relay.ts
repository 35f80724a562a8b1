import { backgroundContext, errorFields, idTime, pause, type Context, type Log, type Metrics } from '@plaza/core';

import { busUnavailable, type Bus, type Link } from './bus.ts';
import { outboxOldest, outboxPending } from './metrics.ts';
import { SHARDS, type OutboxRow, type OutboxStore } from './outbox-row.ts';
import { createPublisher } from './publisher.ts';
import { createReplay } from './replay.ts';
import { createStreamGuard } from './stream-guard.ts';
import { within } from './within.ts';

/** Rows read of one shard at a time. */
const PAGE = 100;
/** Rows younger than this are left to the nudge of the process that wrote them; younger than the interval, if that is shorter. */
const GRACE_MS = 1000;

export interface OutboxStatus {
  /** Counting stops at 10,000. */
  readonly pending: number;
  /** Epoch milliseconds. */
  readonly oldestAt: number | undefined;
}

/** Brings committed events to the bus: at least once each, in about the order of their commits. */
export interface Relay {
  readonly bus: Bus;
  /** Call it right after the commit with the rows just written. Never throws and never waits; the poll finds what it misses. */
  nudge(rows: readonly OutboxRow[]): void;
  /**
   * As nudge, and waits up to `timeoutMs` for the bus: true when it has acknowledged every row, false when that is not known.
   * Never throws. After a false the poll publishes what is missing.
   */
  announce(rows: readonly OutboxRow[], timeoutMs: number): Promise<boolean>;
  /**
   * Publishes again every archived event that occurred since (epoch milliseconds); answers how many.
   * @throws AppError UNAVAILABLE BUS_UNAVAILABLE
   */
  replay(ctx: Context, fromMs: number): Promise<number>;
  status(ctx: Context): Promise<OutboxStatus>;
  close(): Promise<void>;
}

/**
 * Starts the relay of one service: ensures its stream, publishes outbox rows, and fills a stream that lost its content
 * from the archive. Any number of relays may work on one outbox.
 * @param options.owner the service's name, as in `plaza.<owner>.v1`
 * @param options.pollMs how often leftovers are looked for: what another process could not publish comes out after at most two
 * intervals and the reading of the shards
 */
export const createRelay = (options: {
  bus: Bus;
  owner: string;
  store: OutboxStore;
  log: Log;
  metrics: Metrics;
  pollMs?: number;
}): Relay => {
  const { bus, store, metrics, pollMs = 1000 } = options;
  const log = options.log.with({ component: 'relay' });
  const pendingRows = metrics.gauge(outboxPending);
  const oldest = metrics.gauge(outboxOldest);
  const closing = new AbortController();
  const publisher = createPublisher({ namespace: bus.namespace, store, log, metrics });
  const replay = createReplay({ store, publisher });
  const guard = createStreamGuard({ bus, owner: options.owner, replay, log, closing: closing.signal });
  const graceMs = Math.min(GRACE_MS, pollMs);
  const work = new Set<Promise<unknown>>();
  let seen = new Set<string>();

  /** Publishes what is left over in one shard; gives back what still waits. */
  const sweep = async (shard: number, nowSeen: Set<string>): Promise<OutboxRow[]> => {
    const ctx = backgroundContext({ method: 'events.poll', timeoutMs: 5000, log, signal: closing.signal });
    const rows = await store.pending(ctx, shard, PAGE);
    for (const row of rows) nowSeen.add(row.sk);
    // A row seen by the poll before is a leftover whatever the clocks of two machines say.
    const left = rows.filter(({ sk }) => !publisher.inFlight(sk) && (seen.has(sk) || Date.now() - idTime(sk) > graceMs));
    const link = bus.link();
    if (!link || left.length === 0) return rows;
    const failed = new Set(left);
    await Promise.all(left.map(async (row) => (await publisher.publish(link, row)) && failed.delete(row)));
    if (failed.size > 0 && !link.lost.aborted) log.warn('events.publish_failed', { shard, rows: failed.size });
    const goOn = rows.length === PAGE && failed.size === 0 && !closing.signal.aborted;
    return goOn ? sweep(shard, nowSeen) : rows.filter((row) => failed.has(row) || !left.includes(row));
  };

  const poll = async () => {
    let failing = false;
    while (!closing.signal.aborted) {
      try {
        const nowSeen = new Set<string>();
        const left: OutboxRow[] = [];
        for (let shard = 0; shard < SHARDS; shard++) left.push(...(await sweep(shard, nowSeen)));
        seen = nowSeen;
        pendingRows.set({}, left.length);
        oldest.set({}, left.length === 0 ? 0 : Math.max(0, Date.now() - Math.min(...left.map(({ sk }) => idTime(sk)))) / 1000);
        failing = false;
      } catch (error) {
        if (!failing && !closing.signal.aborted) log.warn('events.poll_failed', errorFields(error));
        failing = true;
      }
      await nextPoll();
    }
  };

  /** Waits for the interval to pass; if the bus is away, its return ends the wait. */
  const nextPoll = async () => {
    if (bus.link()) return pause(pollMs, closing.signal);
    await bus.linked(AbortSignal.any([closing.signal, AbortSignal.timeout(pollMs)]));
  };

  /** Publishes a row that was just committed, so that `close` waits for it. */
  const publishNow = (link: Link, row: OutboxRow, acknowledged?: () => void): Promise<boolean> => {
    const publication = publisher.publish(link, row, acknowledged).finally(() => work.delete(publication));
    work.add(publication);
    return publication;
  };

  const polling = poll();
  return {
    bus,
    nudge: (rows) => {
      const link = bus.link();
      if (!link || publisher.busy() || closing.signal.aborted) return;
      for (const row of rows) void publishNow(link, row);
    },
    announce: async (rows, timeoutMs) => {
      const link = bus.link();
      if (!link || closing.signal.aborted) return false;
      const known = rows.map(
        (row) =>
          new Promise<boolean>((resolve) => {
            // Whatever comes after the acknowledgement changes nothing about it.
            void publishNow(link, row, () => resolve(true)).then(() => resolve(false));
          }),
      );
      return (await within(timeoutMs, Promise.all(known)))?.every(Boolean) ?? false;
    },
    replay: async (ctx, fromMs) => {
      const link = bus.link();
      if (!link) throw busUnavailable();
      return replay(ctx, link, { fromMs, run: ctx.requestId }).catch((error: unknown) => {
        throw link.lost.aborted ? busUnavailable(error) : error;
      });
    },
    status: async (ctx) => {
      const pages = await Promise.all(Array.from({ length: SHARDS }, (_, shard) => store.pending(ctx, shard, 10_000 / SHARDS)));
      const ids = pages.flat().map(({ sk }) => sk);
      return { pending: ids.length, oldestAt: ids.length === 0 ? undefined : Math.min(...ids.map(idTime)) };
    },
    close: async () => {
      closing.abort();
      // Nudged rows are committed and would be found by the next process, only later.
      await within(2000, Promise.all(work));
      await Promise.all([polling, guard]);
    },
  };
};
