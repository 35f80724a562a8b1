import { newId } from '@plaza/core';
import { OrderEventKind, OrderState, type ListOrdersRequest } from '@plaza/proto/plaza/order/v1/order_service';
import { asAdmin, asService, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { actions, buyerWith, CUP, LONG, money, refusal, SELLERS, startService, TEA, wish, type Service } from './service.ts';

let service: Service;
beforeAll(async () => (service = await startService()));
afterAll(() => service.close());

const { create, untilState } = actions(() => service);
const invalidToken = { code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' };
const denied = { code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' };

describe('the orders of a buyer', () => {
  test('an order just placed is in the list, and in the time that it was created in', { timeout: 60_000 }, async () => {
    const buyer = buyerWith(service.ledger, 100_000);
    for (let i = 0; i < 5; i++) {
      const { orderId, createTime } = await create(buyer, wish(buyer, TEA, 1n));
      expect((await list(buyer)).orders[0]?.orderId).toBe(orderId);
      const after = new Date(createTime!.getTime() + 1);
      const among = async (range: Partial<ListOrdersRequest>) =>
        (await list(buyer, range)).orders.some((order) => order.orderId === orderId);
      expect(await among({ createdAfter: createTime })).toBe(true);
      expect(await among({ createdAfter: after })).toBe(false);
      expect(await among({ createdBefore: createTime })).toBe(false);
      expect(await among({ createdBefore: after })).toBe(true);
    }
  });

  test('pages hold each order once, newest first, while more are placed', { timeout: 60_000 }, async () => {
    const buyer = buyerWith(service.ledger, 100_000);
    const placed = await several(buyer, 5);
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await list(buyer, { pageSize: 2, pageToken });
      seen.push(...page.orders.map(({ orderId }) => orderId));
      pageToken = page.nextPageToken;
      await create(buyer, wish(buyer, TEA, 1n));
    } while (pageToken);
    expect(seen).toEqual(placed.toReversed());
  });

  test('of one state, and of one time in it', { timeout: 60_000 }, async () => {
    const buyer = buyerWith(service.ledger, 1500);
    const paid = await several(buyer, 2);
    const failed = await refused(buyer);
    const { createTime } = (await list(buyer, { state: OrderState.FAILED })).orders[0]!;
    expect(await walk(buyer, { state: OrderState.PAID, pageSize: 1 })).toEqual(paid.toReversed());
    expect(await walk(buyer, { state: OrderState.FAILED })).toEqual([failed]);
    expect(await walk(buyer, { state: OrderState.PAID, createdAfter: createTime })).toEqual([]);
    expect(await walk(buyer, { state: OrderState.SHIPPED })).toEqual([]);
    expect(await walk(buyer, {})).toEqual([failed, ...paid.toReversed()]);
  });

  test('a range without a time, and a state that is none, are refused by field', async () => {
    const buyer = newId();
    const at = new Date();
    for (const createdBefore of [at, new Date(at.getTime() - 1)])
      expect(await refusal(list(buyer, { createdAfter: at, createdBefore }))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        reason: 'INVALID_FIELD',
        violations: [{ field: 'created_before' }],
      });
    for (const outside of [new Date(-1), new Date(8.64e15)])
      expect(await refusal(list(buyer, { createdAfter: outside, createdBefore: outside }))).toMatchObject({
        reason: 'INVALID_FIELD',
        violations: [{ field: 'created_after' }, { field: 'created_before' }],
      });
    expect(await refusal(list(buyer, { state: 99 as OrderState }))).toMatchObject({ violations: [{ field: 'state' }] });
  });

  test('a token is good for its caller and filter alone', { timeout: 60_000 }, async () => {
    const buyer = buyerWith(service.ledger, 100_000);
    await several(buyer, 3);
    const { nextPageToken: pageToken } = await list(buyer, { pageSize: 1 });
    expect((await list(buyer, { pageSize: 2, pageToken })).orders).toHaveLength(2);
    const tampered = pageToken.slice(0, -1) + (pageToken.endsWith('A') ? 'B' : 'A');
    for (const other of [{ state: OrderState.PAID }, { createdAfter: new Date(1) }, { createdBefore: new Date() }])
      expect(await refusal(list(buyer, { ...other, pageToken }))).toMatchObject(invalidToken);
    expect(await refusal(list(buyer, { pageToken: tampered }))).toMatchObject(invalidToken);
    expect(await refusal(service.orders.listOrders(asAdmin(), { userId: buyer, pageToken }))).toMatchObject(invalidToken);
  });
});

describe('the orders in a state', () => {
  test('are those of all buyers, newest first, each once', { timeout: 60_000 }, async () => {
    const buyers = [buyerWith(service.ledger, 3000), buyerWith(service.ledger, 3000)];
    const placed: string[] = [];
    for (let i = 0; i < 6; i++) placed.push(...(await several(buyers[i % 2]!, 1)));
    const failed = await refused(buyers[0]!);
    const found = await untilListed(OrderState.PAID, placed);
    expect(found.filter((id) => placed.includes(id))).toEqual(placed.toReversed());
    expect(found).toEqual(found.toSorted().toReversed());
    expect(new Set(found).size).toBe(found.length);
    expect(await untilListed(OrderState.FAILED, [failed])).not.toEqual(expect.arrayContaining(placed));
  });

  test('are for admins alone', async () => {
    const asked = { state: OrderState.PAID };
    expect(await refusal(service.orders.listOrdersByStatus(asUser(newId()), asked))).toMatchObject(denied);
    expect(await refusal(service.orders.listOrdersByStatus(asService('feed'), asked))).toMatchObject(denied);
    expect(await refusal(service.orders.listOrdersByStatus(asAdmin(), {}))).toMatchObject({ violations: [{ field: 'state' }] });
    const { nextPageToken: pageToken } = await service.orders.listOrdersByStatus(asAdmin(), { ...asked, pageSize: 1 });
    const other = { state: OrderState.FAILED, pageToken };
    expect(await refusal(service.orders.listOrdersByStatus(asAdmin(), other))).toMatchObject(invalidToken);
  });
});

describe('the sales of a seller', () => {
  const [seller, another] = SELLERS as [string, string];
  const sales = (request: object = {}, ctx = asUser(seller)) => service.orders.listSales(ctx, { sellerId: seller, ...request });

  test('show what it sold, and nothing of the others', { timeout: 60_000 }, async () => {
    const buyer = buyerWith(service.ledger, 10_000);
    const lines = [TEA, CUP].map((productId) => ({ productId, quantity: 2n }));
    const { orderId } = await create(buyer, { ...wish(buyer, TEA, 1n), lines });
    const ofBoth = { orderId, userId: buyer, state: OrderState.PAID, shippingAddress: { city: 'London' } };
    const [mine] = (await sales()).orders;
    expect(mine).toMatchObject({ ...ofBoth, total: money(1400), lines: [{ productId: TEA, sellerId: seller }] });
    const [theirs] = (await service.orders.listSales(asAdmin(), { sellerId: another })).orders;
    expect(theirs).toMatchObject({ ...ofBoth, total: money(900), lines: [{ productId: CUP, sellerId: another }] });
  });

  test('are paid orders only, newest first, page by page, and of one state', { timeout: 60_000 }, async () => {
    const buyer = buyerWith(service.ledger, 2200);
    const placed = await several(buyer, 3);
    const failed = await refused(buyer);
    const { orders, nextPageToken: pageToken } = await sales({ pageSize: 2 });
    expect(orders.map(({ orderId }) => orderId)).toEqual(placed.toReversed().slice(0, 2));
    expect((await sales({ pageSize: 1, pageToken })).orders[0]?.orderId).toBe(placed[0]);
    const all = (await sales({ pageSize: 100 })).orders.map(({ orderId }) => orderId);
    expect(all).not.toContain(failed);
    expect((await sales({ state: OrderState.PAID, pageSize: 100 })).orders.map(({ orderId }) => orderId)).toEqual(all);
    expect((await sales({ state: OrderState.SHIPPED })).orders).toEqual([]);
    expect(await refusal(sales({ state: OrderState.PAID, pageToken }))).toMatchObject(invalidToken);
  });

  test('are for the seller and for admins', async () => {
    expect(await refusal(sales({}, asUser(another)))).toMatchObject(denied);
    expect(await refusal(sales({}, asService('product')))).toMatchObject(denied);
    expect(await refusal(sales({}, testContext()))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('the history of an order', () => {
  test('tells each step once, oldest first, page by page', { timeout: 60_000 }, async () => {
    const buyer = buyerWith(service.ledger, 1000);
    const { orderId } = await create(buyer, wish(buyer, TEA, 1n));
    const { events } = await service.orders.listOrderEvents(asUser(buyer), { orderId });
    expect(events.map(({ sequence, kind, state, actor }) => [sequence, kind, state, actor])).toEqual([
      [1n, OrderEventKind.CREATED, OrderState.PENDING, `user:${buyer}`],
      [2n, OrderEventKind.RESERVED, OrderState.RESERVED, ''],
      [3n, OrderEventKind.PAID, OrderState.PAID, ''],
    ]);
    const page = (pageToken: string) => service.orders.listOrderEvents(asAdmin(), { orderId, pageSize: 2, pageToken });
    const first = await page('');
    const second = await page(first.nextPageToken);
    expect([...first.events, ...second.events]).toEqual(events);
    expect(second.nextPageToken).toBe('');
    expect((await service.orders.listOrderEvents(asAdmin(), { orderId, pageSize: 3 })).nextPageToken).toBe('');
  });

  test('says why an order failed', { timeout: 60_000 }, async () => {
    const buyer = buyerWith(service.ledger, 0);
    const orderId = await refused(buyer);
    const { events } = await service.orders.listOrderEvents(asUser(buyer), { orderId });
    const failure = { reason: 'INSUFFICIENT_FUNDS', domain: 'plaza.user' };
    expect(events.at(-1)).toMatchObject({ kind: OrderEventKind.FAILED, state: OrderState.FAILED, failure });
  });

  test('is for the buyer and for admins; to others the order is not there', { timeout: 60_000 }, async () => {
    const buyer = buyerWith(service.ledger, 1000);
    const { orderId } = await create(buyer, wish(buyer, TEA, 1n));
    const missing = { code: 'NOT_FOUND', reason: 'ORDER_NOT_FOUND', metadata: { order_id: orderId } };
    for (const other of [newId(), SELLERS[0]!])
      expect(await refusal(service.orders.listOrderEvents(asUser(other), { orderId }))).toMatchObject(missing);
    expect(await refusal(service.orders.listOrderEvents(asService('feed'), { orderId }))).toMatchObject(denied);
    const { nextPageToken: pageToken } = await service.orders.listOrderEvents(asUser(buyer), { orderId, pageSize: 1 });
    const other = { orderId: newId(), pageToken };
    expect(await refusal(service.orders.listOrderEvents(asUser(buyer), other))).toMatchObject(invalidToken);
  });
});

const list = (userId: string, more: Partial<ListOrdersRequest> = {}) =>
  service.orders.listOrders(asUser(userId), { userId, ...more });

/** All pages. */
const walk = async (userId: string, more: Partial<ListOrdersRequest>): Promise<string[]> => {
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await list(userId, { ...more, pageToken });
    seen.push(...page.orders.map(({ orderId }) => orderId));
    pageToken = page.nextPageToken;
  } while (pageToken);
  return seen;
};

/** The index may be a moment late. */
const untilListed = (state: OrderState, wanted: readonly string[]): Promise<string[]> =>
  eventually(async () => {
    const found: string[] = [];
    let pageToken = '';
    do {
      const page = await service.orders.listOrdersByStatus(asAdmin(), { state, pageSize: 4, pageToken });
      found.push(...page.orders.map(({ orderId }) => orderId));
      pageToken = page.nextPageToken;
    } while (pageToken);
    expect(found).toEqual(expect.arrayContaining([...wanted]));
    return found;
  });

/** Ids of paid orders, oldest first. */
const several = async (buyer: string, count: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push((await create(buyer, wish(buyer, TEA, 1n))).orderId);
  return ids;
};

/** An order that its buyer cannot pay. */
const refused = async (buyer: string): Promise<string> => {
  const { metadata } = await refusal(service.orders.createOrder(asUser(buyer, LONG), wish(buyer, TEA, 100n)));
  const orderId = metadata!['order_id']!;
  await untilState(buyer, orderId, OrderState.FAILED);
  return orderId;
};
