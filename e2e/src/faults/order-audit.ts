import { inLanes, isAppError, pause, type Context } from '@plaza/core';
import { OrderState, type Order } from '@plaza/proto/plaza/order/v1/order_service';
import { ReservationState } from '@plaza/proto/plaza/product/v1/inventory_service';
import { testContext } from '@plaza/testing';

import { cents, type World } from '../world.ts';
import type { Shop, Wish } from './order-work.ts';

/** What was found: orders by state, why orders failed, and every way in which the invariants do not hold, in words. */
export interface Audit {
  readonly states: Readonly<Record<string, number>>;
  readonly reasons: readonly string[];
  readonly violations: readonly string[];
}

const TAKEN: ReadonlySet<number> = new Set([OrderState.PAID, OrderState.SHIPPED, OrderState.DELIVERED, OrderState.REFUNDED]);
const OVER: ReadonlySet<number> = new Set([OrderState.FAILED, OrderState.CANCELLED]);
const NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(OrderState).map(([name, value]) => [value, name]),
);

/** I1 to I4 for the orders of one shop, from outside: what the services say about each other's facts must agree. */
const audit = async (world: World, shop: Shop, wishes: readonly Wish[]): Promise<Audit> => {
  const lists = await ofEach(Object.keys(shop.funds), (buyer) => ordersOf(world, buyer));
  const orders = lists.flat();
  const [stock, money, reservations] = await Promise.all([
    stockViolations(world, shop, orders),
    moneyViolations(world, shop, orders),
    ofEach(orders, (order) => settlementViolations(world, order)),
  ]);
  const states: Record<string, number> = {};
  for (const { state } of orders) states[NAMES[state]!] = (states[NAMES[state]!] ?? 0) + 1;
  const reasons = [...new Set(orders.flatMap(({ failure }) => failure?.reason ?? []))].sort();
  return { states, reasons, violations: [...answerViolations(orders, wishes), ...stock, ...money, ...reservations.flat()] };
};

/** The last audit: the first clean one, or the one after which time was up (`performance.now()`). */
export const auditUntil = async (until: number, ...about: Parameters<typeof audit>): Promise<Audit> => {
  for (;;) {
    const found = await audit(...about).catch((error: unknown): Audit => {
      if (!isAppError(error)) throw error;
      return { states: {}, reasons: [], violations: [`the audit was not answered: ${error.reason}`] };
    });
    if (found.violations.length === 0 || performance.now() > until) return found;
    await pause(250);
  }
};

/** I1: what was answered is there, and no wish became two orders. */
const answerViolations = (orders: readonly Order[], wishes: readonly Wish[]): string[] => {
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  const lost = wishes.flatMap(({ orderId, refused }) => {
    if (orderId === undefined) return [];
    const order = byId.get(orderId);
    if (order === undefined) return [`I1: order ${orderId} was answered and is not there`];
    if (refused && order.state !== OrderState.FAILED) return [`I1: order ${orderId} was refused and is ${NAMES[order.state]}`];
    return [];
  });
  const doubled = [...new Set(wishes.map(({ buyer }) => buyer))].flatMap((buyer) => {
    const wished = wishes.filter((wish) => wish.buyer === buyer).length;
    const ordered = orders.filter(({ userId }) => userId === buyer).length;
    return ordered > wished ? [`I1: ${wished} wishes of ${buyer} became ${ordered} orders`] : [];
  });
  return [...lost, ...doubled];
};

/** I2: nothing is oversold, nothing lost, nothing still held back. */
const stockViolations = async (world: World, shop: Shop, orders: readonly Order[]): Promise<string[]> => {
  const found = await ofEach(Object.entries(shop.products), async ([productId, { received }]) => {
    const { stock } = await world.plaza.clients.inventory.getStock(admin(), { productId });
    const sold = orders
      .filter(isSold)
      .flatMap(({ lines }) => lines.filter((line) => line.productId === productId))
      .reduce((sum, { quantity }) => sum + Number(quantity), 0);
    const is = { onHand: Number(stock!.onHand), reserved: Number(stock!.reserved) };
    const ought = { onHand: received - sold, reserved: 0 };
    return same(is, ought) ? [] : [`I2: stock of ${productId} is ${say(is)}, not ${say(ought)}`];
  });
  return found.flat();
};

/** I3: every wallet is what its orders make of it, holds nothing back, and equals its ledger. */
const moneyViolations = async (world: World, shop: Shop, orders: readonly Order[]): Promise<string[]> => {
  const taken = orders.filter(({ state }) => TAKEN.has(state));
  const spent = (buyer: string) =>
    taken
      .filter(({ userId }) => userId === buyer)
      .reduce((sum, { total, refunded }) => sum + Number(cents(total) - cents(refunded)), 0);
  const earned = (seller: string) =>
    taken
      .flatMap(({ lines }) => lines.filter(({ sellerId }) => sellerId === seller))
      .reduce((sum, line) => sum + Number((line.quantity - line.refundedQuantity) * cents(line.unitPrice)), 0);
  const ought = [
    ...Object.entries(shop.funds).map(([buyer, funds]) => [buyer, funds - spent(buyer)] as const),
    ...shop.sellers.map((seller) => [seller, earned(seller)] as const),
  ];
  const found = await ofEach(ought, async ([userId, minor]) => {
    const [{ balance, held }, ledger] = await Promise.all([world.wallet(userId), ledgerOf(world, userId)]);
    const is = { balance: Number(balance), held: Number(held), ledger };
    const should = { balance: minor, held: 0, ledger: minor };
    return same(is, should) ? [] : [`I3: wallet of ${userId} is ${say(is)}, not ${say(should)}`];
  });
  return found.flat();
};

/** I4: the order is at an end, its reservation says the same, and its history tells how it came there. */
const settlementViolations = async (world: World, order: Order): Promise<string[]> => {
  const { orderId, state } = order;
  if (!TAKEN.has(state) && !OVER.has(state)) return [`I4: order ${orderId} is ${NAMES[state]}`];
  const { reservation } = await world.plaza.clients.inventory.getReservation(asOrder(), { orderId });
  const ends = isSold(order) ? [ReservationState.COMMITTED] : [ReservationState.RELEASED, ReservationState.EXPIRED];
  const end = reservation?.state ?? ReservationState.UNSPECIFIED;
  const history = await historyViolations(world, order);
  if ((ends as number[]).includes(end)) return history;
  return [...history, `I4: order ${orderId} is ${NAMES[state]}, its reservation in state ${end}`];
};

/** One history, without gaps, that ends where the order is. */
const historyViolations = async (world: World, { orderId, userId, state, etag }: Order): Promise<string[]> => {
  const self = world.plaza.asUser(userId, 8000);
  const { events } = await world.plaza.clients.orders.listOrderEvents(self, { orderId, pageSize: 100 });
  const gapless = events.every(({ sequence }, i) => sequence === BigInt(i + 1));
  const last = events.at(-1);
  if (gapless && String(events.length) === etag && last?.state === state) return [];
  return [
    `I4: the history of order ${orderId} has ${events.length} entries and ends ${NAMES[last?.state ?? 0]}, not ${etag} and ${NAMES[state]}`,
  ];
};

/** Units that are gone for good: of a refund before anything was sent they are sold again. */
const isSold = ({ state, parcels }: Order): boolean => TAKEN.has(state) && (state !== OrderState.REFUNDED || parcels.length > 0);

/** A few at a time: an audit is no flood. */
const ofEach = async <T, R>(items: readonly T[], look: (item: T) => Promise<R>): Promise<R[]> => {
  const found: R[] = [];
  await inLanes(items, AT_ONCE, async (item) => found.push(await look(item)));
  return found;
};

const AT_ONCE = 6;

const ordersOf = async (world: World, userId: string): Promise<Order[]> =>
  (await world.plaza.clients.orders.listOrders(world.plaza.asUser(userId, 4000), { userId, pageSize: 100 })).orders;

const ledgerOf = async (world: World, userId: string): Promise<number> => {
  let sum = 0n;
  let pageToken = '';
  do {
    const page = await world.plaza.clients.wallets.listLedgerEntries(world.plaza.asUser(userId, 4000), {
      userId,
      pageSize: 100,
      pageToken,
    });
    sum += page.entries.reduce((total, { amount }) => total + cents(amount), 0n);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return Number(sum);
};

const admin = (): Context => testContext({ caller: { kind: 'admin' }, timeoutMs: 8000 });
const asOrder = (): Context => testContext({ caller: { kind: 'service', service: 'order' }, timeoutMs: 4000 });
const same = (a: object, b: object): boolean => say(a) === say(b);
const say = (value: object): string => JSON.stringify(value);
