import type { Context } from '@plaza/core';

import type { Db } from './db.ts';
import { ttl, type Item, type Key } from './item.ts';
import type { Table } from './table.ts';
import { put, remove } from './write-op.ts';

/** A message that a consumer gave up on, as libs/events declares it. */
export type DeadLetter = {
  /** `<durable>/<event id>` */
  readonly id: string;
  readonly kind: 'event' | 'task';
  readonly durable: string;
  readonly subject: string;
  readonly eventId: string;
  readonly reason: string;
  readonly tries: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly payload: Uint8Array;
  readonly aggregateId: string;
  readonly version: number;
  readonly occurredAt: number;
  readonly trace: string;
};

export interface DeadLetterStore {
  put(ctx: Context, letter: DeadLetter): Promise<void>;
  /** Newest events first; `after` is the id of the last letter seen. */
  list(ctx: Context, limit: number, after?: string): Promise<DeadLetter[]>;
  get(ctx: Context, id: string): Promise<DeadLetter | undefined>;
  /** A missing letter is no error. */
  remove(ctx: Context, id: string): Promise<void>;
}

/** An operator's patience. */
const KEPT_SECONDS = 90 * 24 * 3600;

/** Dead letters of one service, in its own table: pk `DEAD`. */
export const createDeadLetterStore = (db: Db, table: Table): DeadLetterStore => ({
  put: async (ctx, letter) => {
    await db.write(ctx, put(table, { ...keyOf(letter.id), ...letter, expiresAt: ttl(letter.createdAt, KEPT_SECONDS) }));
  },
  list: async (ctx, limit, after) => {
    const place = after === undefined ? {} : { after: keyOf(after) };
    const page = await db.query(ctx, table, { pk: 'DEAD', descending: true, limit, ...place });
    return page.items.map(letterOf);
  },
  get: async (ctx, id) => {
    const item = await db.get(ctx, table, keyOf(id));
    return item && letterOf(item);
  },
  remove: async (ctx, id) => {
    await db.write(ctx, remove(table, keyOf(id)));
  },
});

/** The event id goes first, so that letters are sorted by the time of their event. */
const keyOf = (id: string): Key => {
  const slash = id.lastIndexOf('/');
  return { pk: 'DEAD', sk: `${id.slice(slash + 1)}/${id.slice(0, slash)}` };
};

const letterOf = (item: Item): DeadLetter => {
  const { pk: _pk, sk: _sk, expiresAt: _ttl, ...letter } = item;
  return letter as DeadLetter;
};
