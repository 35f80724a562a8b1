import { createPageTokens, firstIdAt, newId } from '@plaza/core';
import { createMemoryDb, update, type Db } from '@plaza/dynamo';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { asAdmin, asUser, testContext } from '@plaza/testing';
import { beforeEach, expect, test } from 'vitest';

import type { Order, OrderState as State } from '../src/domain/order.ts';
import { listOrdersByStatus } from '../src/handlers/list-orders-by-status.ts';
import { listOrders } from '../src/handlers/list-orders.ts';
import { firstRows } from '../src/store/moves.ts';
import { createOrderLists } from '../src/store/order-lists.ts';
import { keys, orderTable, stateShardOf } from '../src/store/table.ts';
import { ADDRESS } from './service.ts';

// What the engine itself cannot be made to do: long lists, and an index that is late.
let db: Db;
let rows: number;
beforeEach(() => {
  rows = 0;
  const memory = createMemoryDb();
  db = {
    ...memory,
    query: async (...args) => {
      const page = await memory.query(...args);
      rows += page.items.length;
      return page;
    },
  };
});

const pageTokens = createPageTokens('secret');
const deps = (lists = createOrderLists({ db })) => ({ lists, pageTokens });

test('a list in which nearly all is left out is read in bounded parts, to its end', async () => {
  const buyer = newId();
  for (let i = 0; i < 300; i++) await place(buyer, i === 0 ? 'FAILED' : 'PAID', i);
  const found: string[] = [];
  let [pageToken, calls] = ['', 0];
  do {
    rows = 0;
    const request = { ...ANY, userId: buyer, state: OrderState.FAILED, pageSize: 10, pageToken };
    const page = await listOrders(deps())(asUser(buyer), request);
    expect(rows).toBeLessThanOrEqual(105);
    found.push(...page.orders.map(({ orderId }) => orderId));
    pageToken = page.nextPageToken;
    calls++;
  } while (pageToken);
  expect(found).toHaveLength(1);
  expect(calls).toBe(3);
});

test('an index that is late proposes; the orders decide', async () => {
  const buyer = newId();
  const [moved, stays] = [await place(buyer, 'PAID', 1), await place(buyer, 'PAID', 2)];
  const before = new Map<string, Awaited<ReturnType<Db['query']>>>();
  const late: Db = {
    ...db,
    query: async (ctx, table, query) => (query.index ? before.get(query.pk)! : db.query(ctx, table, query)),
  };
  for (let shard = 0; shard < 8; shard++) {
    const pk = `ST#PAID#${shard}`;
    before.set(pk, await db.query(testContext(), orderTable, { index: 'byState', pk }));
  }
  const shipped = { state: 'SHIPPED', stateShard: stateShardOf({ ...moved, state: 'SHIPPED' }) };
  await db.write(testContext(), update(orderTable, keys.order(buyer, moved.orderId), { set: shipped }));
  const list = listOrdersByStatus(deps(createOrderLists({ db: late })));
  const { orders, nextPageToken } = await list(asAdmin(), { state: OrderState.PAID, pageSize: 0, pageToken: '' });
  expect([orders.map(({ orderId }) => orderId), nextPageToken]).toEqual([[stays.orderId], '']);
});

test('pages of a state hold each order once, in the order of their ids, over all shards', async () => {
  const placed: string[] = [];
  for (let i = 0; i < 60; i++) placed.push((await place(newId(), 'PAID', i)).orderId);
  const list = listOrdersByStatus(deps());
  const found: string[] = [];
  let pageToken = '';
  do {
    const page = await list(asAdmin(), { state: OrderState.PAID, pageSize: 7, pageToken });
    found.push(...page.orders.map(({ orderId }) => orderId));
    pageToken = page.nextPageToken;
  } while (pageToken);
  expect(found).toEqual(placed.toReversed());
});

const ANY = { createdAfter: undefined, createdBefore: undefined };

const place = async (userId: string, state: State, at: number): Promise<Order> => {
  const orderId = firstIdAt(at).slice(0, 10) + newId().slice(10);
  const order: Order = {
    orderId,
    userId,
    state,
    lines: [],
    total: { currency: 'EUR', minor: 5 },
    address: ADDRESS,
    version: 1,
    lease: 0,
    createdAt: at,
    updatedAt: at,
  };
  for (const op of firstRows(order, [], { kind: 'CREATED', actor: '' })) await db.write(testContext(), op);
  return order;
};
