import { backgroundContext, crashPoint, errorFields, idTime, startSpan, type Log, type Metrics } from '@plaza/core';

import type { Link } from './bus.ts';
import { messaging, writeHeaders } from './envelope.ts';
import { eventsPublished, outboxLag } from './metrics.ts';
import { eventSubject } from './names.ts';
import type { OutboxRow, OutboxStore } from './outbox-row.ts';

/** Rows archived in one call: a transaction of 50 items is still quick. */
const ARCHIVE_BATCH = 25;
/** Above this many unacknowledged publications a nudge leaves its rows to the poll. */
const MAX_IN_FLIGHT = 1000;

export interface Publisher {
  /**
   * Publishes and archives one outbox row; false if it must be tried again. A row in flight is not published twice.
   * `acknowledged` is called in between, when the bus has it.
   */
  publish(link: Link, row: OutboxRow, acknowledged?: () => void): Promise<boolean>;
  /** Publishes once more what is archived; false if the stream has that message id. Throws if it is not acknowledged. */
  republish(link: Link, row: OutboxRow, messageId: string): Promise<boolean>;
  busy(): boolean;
  inFlight(id: string): boolean;
  /** Resolves when no archiving is under way. */
  settled(): Promise<void>;
}

export const createPublisher = (options: { namespace: string; store: OutboxStore; log: Log; metrics: Metrics }): Publisher => {
  const { namespace, store, log } = options;
  const published = options.metrics.counter(eventsPublished);
  const lag = options.metrics.histogram(outboxLag);
  const rowsInFlight = new Set<string>();
  const queue: { link: Link; row: OutboxRow; done: (ok: boolean) => void }[] = [];
  let archiving = Promise.resolve();
  let active = false;

  const send = async (link: Link, row: OutboxRow, messageId: string): Promise<boolean> => {
    const headers = writeHeaders({ ...row, id: row.sk });
    const subject = eventSubject(namespace, row.subject);
    const ack = await unlessLost(link, link.stream.publish(subject, row.payload, { msgID: messageId, headers }));
    published.add({ subject: row.subject });
    return !ack.duplicate;
  };

  const archiveQueued = async () => {
    while (queue.length > 0) {
      const batch = queue.splice(0, ARCHIVE_BATCH);
      // After a break the server may have lost what it acknowledged: such rows stay in the outbox and are published again.
      const standing = batch.filter(({ link }) => !link.lost.aborted);
      const ok = await archive(standing.map(({ row }) => row));
      for (const entry of batch) entry.done(ok && standing.includes(entry));
    }
    active = false;
  };

  const archive = async (rows: OutboxRow[]): Promise<boolean> => {
    if (rows.length === 0) return true;
    try {
      await store.archive(backgroundContext({ method: 'events.archive', timeoutMs: 5000, log }), rows);
      return true;
    } catch (error) {
      log.warn('events.archive_failed', { rows: rows.length, ...errorFields(error) });
      return false;
    }
  };

  const archived = (link: Link, row: OutboxRow): Promise<boolean> =>
    new Promise((resolve) => {
      queue.push({ link, row, done: resolve });
      if (active) return;
      active = true;
      archiving = archiveQueued();
    });

  return {
    publish: async (link, row, acknowledged) => {
      if (rowsInFlight.has(row.sk)) return true;
      rowsInFlight.add(row.sk);
      const span = startSpan(`publish ${row.subject}`, 'producer', row.trace, messaging('send', row.subject, row.sk));
      try {
        crashPoint('events.before-publish');
        await send(link, { ...row, trace: span.trace }, row.sk);
        span.end();
        lag.observe({}, Math.max(0, Date.now() - idTime(row.sk)) / 1000);
        acknowledged?.();
        crashPoint('events.after-publish');
        return await archived(link, row);
      } catch (error) {
        span.end('PUBLISH_FAILED');
        log.debug('events.publish_failed', { eventId: row.sk, subject: row.subject, ...errorFields(error) });
        return false;
      } finally {
        rowsInFlight.delete(row.sk);
      }
    },
    republish: send,
    busy: () => rowsInFlight.size >= MAX_IN_FLIGHT,
    inFlight: (id) => rowsInFlight.has(id),
    settled: () => archiving,
  };
};

/** An acknowledgement cannot come over a new connection, so a broken one ends the wait: the row is free to be tried again at once. */
const unlessLost = <T>({ lost }: Link, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const give = () => reject(new Error('the connection broke'));
    lost.addEventListener('abort', give, { once: true });
    work.then(resolve, reject).finally(() => lost.removeEventListener('abort', give));
  });
