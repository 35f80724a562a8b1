import { newId, type Context } from '@plaza/core';

import type { EventType } from './declare.ts';

/** Partitions of one service's outbox: enough that no single one is hot, few enough to poll every second. */
export const SHARDS = 4;

/**
 * An event that is committed and not yet known to be published. Written in the transaction of the change it tells of, by
 * `insert(table, row)`. A type, not an interface, so that it is assignable to a table item.
 */
export type OutboxRow = {
  /** `OX#0` to `OX#3`. */
  readonly pk: string;
  /** Event id, a ULID: rows of one shard are sorted by commit time, about. */
  readonly sk: string;
  /** Full name of the event's message. */
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly aggregateId: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly occurredAt: number;
  /** traceparent of the call that made the change; may be empty. */
  readonly trace: string;
};

/** What the relay needs of the publishing service's table; libs/dynamo implements it. */
export interface OutboxStore {
  /** The oldest rows of one shard, by a strongly consistent read. */
  pending(ctx: Context, shard: number, limit: number): Promise<OutboxRow[]>;
  /** Moves rows from the outbox to the 7-day archive. A row that was moved before is no error. */
  archive(ctx: Context, rows: readonly OutboxRow[]): Promise<void>;
  /** Archived rows that occurred at or after the time (epoch milliseconds), oldest first, about, in pages. */
  archivedSince(ctx: Context, fromMs: number): AsyncIterable<OutboxRow[]>;
}

/** The row for one event. `at` is epoch milliseconds; `version` is the aggregate's after the change. */
export const outboxRow = <T>(
  event: EventType<T>,
  payload: T,
  about: { aggregateId: string; version: number; at: number; trace: string },
): OutboxRow => ({
  pk: `OX#${shardOf(about.aggregateId)}`,
  // Real time, not `at`: ids of one process ascend, and a test's clock must not carry them into the future.
  sk: newId(),
  subject: event.subject,
  payload: event.encode(payload),
  aggregateId: about.aggregateId,
  version: about.version,
  occurredAt: about.at,
  trace: about.trace,
});

/** Longer than stream, archive and an operator's patience with a dead letter. */
const APPLIED_SECONDS = 30 * 24 * 3600;

/**
 * Marks that a consumer applied an event, for effects that are not idempotent by themselves. Insert it in the transaction of
 * the effect: a second delivery then fails on it. `at` is epoch milliseconds now.
 */
export const appliedRow = (durable: string, eventId: string, at: number) => ({
  pk: `APPLIED#${durable}#${eventId}`,
  sk: 'APPLIED',
  expiresAt: Math.floor(at / 1000) + APPLIED_SECONDS,
});

/** FNV-1a: events of one aggregate share a shard, so the poll keeps their order. */
const shardOf = (aggregateId: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < aggregateId.length; i++) hash = Math.imul(hash ^ aggregateId.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % SHARDS;
};
