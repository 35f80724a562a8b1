import { defineTable, shardOf, type Item } from '@plaza/dynamo';

import type { Order, OrderState } from '../domain/order.ts';

export const orderTable = defineTable({
  name: 'orders',
  indexes: {
    // Sparse: only unfinished orders and waiting purchases are in it. Keys only, so that a change of state is no write to it.
    due: { pk: 'dueShard', sk: 'dueAt', project: 'KEYS_ONLY' },
    // Keys only: it proposes, the orders themselves decide.
    byState: { pk: 'stateShard', sk: 'orderId', project: 'KEYS_ONLY' },
  },
});

export const keys = {
  // Under the buyer, so that a buyer's own read needs no look-up and newest-first is the key order.
  order: (userId: string, orderId: string) => ({ pk: `U#${userId}`, sk: `O#${orderId}` }),
  // Whose order it is, for those who know the id only.
  ref: (orderId: string) => ({ pk: `O#${orderId}`, sk: 'REF' }),
  // One row for each version of an order. Padded, so that versions sort as numbers.
  history: (orderId: string, sequence: number) => ({ pk: `O#${orderId}`, sk: `EV#${String(sequence).padStart(9, '0')}` }),
  refund: (orderId: string, refundId: string) => ({ pk: `O#${orderId}`, sk: `RF#${refundId}` }),
  // Whether and when the purchase is shown to followers.
  share: (orderId: string) => ({ pk: `O#${orderId}`, sk: 'SHARE' }),
  // A paid order under each of its sellers.
  sale: (sellerId: string, orderId: string) => ({ pk: `S#${sellerId}`, sk: `O#${orderId}` }),
  cart: (userId: string) => ({ pk: `CART#${userId}`, sk: 'CART' }),
  // How far the erasure of a person has come. Stays for good: while it is there, nobody writes an order of that person.
  erasure: (userId: string) => ({ pk: `ERASED#${userId}`, sk: 'ERASED' }),
};

/** Partitions of the due index: enough that a busy hour is not one hot key, few enough to poll every second. */
export const DUE_SHARDS = 4;

/** Beside the sagas in the due index: purchases that wait to be shared. */
export const shareShard = (shard: number): string => `SHARE#${shard}`;

export const shareShardOf = (orderId: string): string => shareShard(shardOf(orderId, DUE_SHARDS));

export const sagaShard = (orderId: string): string => `SAGA#${shardOf(orderId, DUE_SHARDS)}`;

/** Partitions of each state: a write-hot state such as PAID is not one hot key. */
export const STATE_SHARDS = 8;

export const stateShard = (state: OrderState, shard: number): string => `ST#${state}#${shard}`;

export const stateShardOf = ({ state, orderId }: Pick<Order, 'state' | 'orderId'>): string =>
  stateShard(state, shardOf(orderId, STATE_SHARDS));

/** Index keys are text: padded, epoch milliseconds sort as numbers. */
export const dueKey = (atMs: number): string => String(Math.floor(atMs)).padStart(15, '0');

/** The order in a row. Rows are written by this service alone, so their shape is taken on trust. */
export const orderOf = (item: Item): Order => {
  const { pk: _pk, sk: _sk, dueShard: _shard, dueAt: _due, sagaTries: _tries, stateShard: _state, ...order } = item;
  return order as unknown as Order;
};
