import { defineTable, type Item } from '@plaza/dynamo';

import type { Order } from '../domain/order.ts';

export const orderTable = defineTable({
  name: 'orders',
  indexes: {
    // Sparse: only orders whose saga is unfinished are in it. ALL, so that the driver needs no second read to begin.
    due: { pk: 'sagaShard', sk: 'sagaDueAt', project: 'ALL' },
  },
});

export const keys = {
  // Under the buyer, so that a buyer's own read needs no look-up and newest-first is the key order.
  order: (userId: string, orderId: string) => ({ pk: `U#${userId}`, sk: `O#${orderId}` }),
  // Whose order it is, for those who know the id only.
  ref: (orderId: string) => ({ pk: `O#${orderId}`, sk: 'REF' }),
  // How far the erasure of a person has come. Stays for good: while it is there, nobody writes an order of that person.
  erasure: (userId: string) => ({ pk: `ERASED#${userId}`, sk: 'ERASED' }),
};

/** Partitions of the due index: enough that a busy hour is not one hot key, few enough to poll every second. */
export const DUE_SHARDS = 4;

export const sagaShard = (orderId: string): string => `SAGA#${orderId.charCodeAt(orderId.length - 1) % DUE_SHARDS}`;

/** Index keys are text: padded, epoch milliseconds sort as numbers. */
export const dueKey = (atMs: number): string => String(Math.floor(atMs)).padStart(15, '0');

/** The order in a row. Rows are written by this service alone, so their shape is taken on trust. */
export const orderOf = (item: Item): Order => {
  const { pk: _pk, sk: _sk, sagaShard: _shard, sagaDueAt: _due, sagaTries: _tries, ...order } = item;
  return order as unknown as Order;
};
