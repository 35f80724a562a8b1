import { AppError, isAppError, type Context, type ErrorCode, type Mutation } from '@plaza/core';

import { absent, any, lt } from './condition.ts';
import type { Db } from './db.ts';
import { ttl, type Item, type Key, type Value } from './item.ts';
import type { Table } from './table.ts';
import { put, type WriteOp } from './write-op.ts';

const KEPT_SECONDS = 48 * 3600;

/** A partition each: many callers share one scope (everybody who is anonymous, every import). */
const requestKey = (mutation: Mutation): Key => ({ pk: `RQ#${mutation.scope}#${mutation.id}`, sk: 'RQ' });

/**
 * The row that makes a transaction happen once per request id; it keeps the reply for 48 hours. TTL deletion comes late on
 * AWS, so that an expired row counts as none.
 */
export const requestRow = (table: Table, mutation: Mutation, reply: Value): WriteOp => {
  const now = Date.now();
  const row = { ...requestKey(mutation), hash: mutation.hash, reply, expiresAt: ttl(now, KEPT_SECONDS) };
  return put(table, row, any(absent(), lt('expiresAt', ttl(now, 0))));
};

/**
 * Runs `attempt`, whose transaction contains `requestRow`. If it is refused, loses a race or ends unknown, the request row is
 * read: when this very request was applied before, or just now behind a lost reply, its stored reply is the answer.
 * @throws AppError INVALID_ARGUMENT REQUEST_ID_REUSED when the id was used with another body; else what `attempt` threw.
 */
export const once = async <R extends Value>(
  ctx: Context,
  db: Db,
  table: Table,
  mutation: Mutation,
  attempt: () => Promise<R>,
): Promise<R> => {
  try {
    return await attempt();
  } catch (error) {
    if (!isAppError(error)) throw error;
    const row = await firstRequest(ctx, db, table, mutation).catch((unread: unknown) => {
      // A refusal may be the echo of this very request's first success, so it must not be told before the row was read.
      throw UNDECIDED.has(error.code) ? error : unread;
    });
    if (row === undefined) throw error;
    if (row['hash'] !== mutation.hash) throw requestIdReused();
    return row['reply'] as R;
  }
};

const firstRequest = async (ctx: Context, db: Db, table: Table, mutation: Mutation): Promise<Item | undefined> => {
  const row = await db.get(ctx, table, requestKey(mutation));
  return row && Number(row['expiresAt']) >= ttl(Date.now(), 0) ? row : undefined;
};

/** Codes by which the caller knows that it must repeat the request to learn how it ended. */
const UNDECIDED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['UNAVAILABLE', 'ABORTED', 'DEADLINE_EXCEEDED', 'CANCELLED']);

/** For a store whose transaction failed on its request row alone: `once` finds out whether it was this request or another. */
export const lostRace = (): AppError =>
  new AppError('ABORTED', 'WRITE_CONFLICT', 'another call won the race; repeat it with the same request_id', { domain: 'plaza' });

/** `field` is what the method calls the id that its caller chose. */
export const requestIdReused = (field = 'request_id'): AppError =>
  new AppError('INVALID_ARGUMENT', 'REQUEST_ID_REUSED', `${field} was used with another body`, {
    domain: 'plaza',
    violations: [{ field, description: 'was used with another body' }],
  });
