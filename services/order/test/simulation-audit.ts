import type { Db } from '@plaza/dynamo';
import { asUser } from '@plaza/testing';
import { expect } from 'vitest';

import type { HistoryEntry } from '../src/domain/history.ts';
import { refundedOf, type Order } from '../src/domain/order.ts';
import { refundParts, type StoredRefund } from '../src/domain/refund.ts';
import { orderOf, orderTable } from '../src/store/table.ts';
import { auditHistory } from './history-audit.ts';
import type { Ledger } from './ledger.ts';
import { ALL_MONEY, BUYERS, SELLERS, STOCK } from './simulation-world.ts';
import { outboxOf } from './world.ts';

export interface Story {
  readonly order: Order;
  readonly history: readonly HistoryEntry[];
  readonly refunds: readonly StoredRefund[];
}

/** Everything that must be true of the orders and of what the peers know, when all is quiet. Answers the orders by id. */
export const auditOrders = async (db: Db, ledger: Ledger): Promise<Map<string, Story>> => {
  const found = new Map<string, Story>();
  const events = await outboxOf(db, asUser(BUYERS[0]));
  for (const buyer of BUYERS)
    for (const item of (await db.query(asUser(buyer), orderTable, { pk: `U#${buyer}` })).items) {
      const order = orderOf(item);
      const pk = `O#${order.orderId}`;
      const read = async (prefix: string) =>
        (await db.query(asUser(buyer), orderTable, { pk, sk: { beginsWith: prefix } })).items as unknown[];
      const story = {
        order,
        history: (await read('EV#')) as HistoryEntry[],
        refunds: (await read('RF#')) as StoredRefund[],
      };
      expect({ unsettled: 'dueShard' in item, refund: order.refund }).toEqual({ unsettled: false, refund: undefined });
      auditHistory(story.history, order.state, order.version);
      const told = events.filter(({ orderId }) => orderId === order.orderId).map(({ name }) => name);
      expect(told.sort()).toEqual(eventsOf(story.history));
      auditStockAndHold(story, ledger);
      auditRefunds(story, ledger);
      found.set(order.orderId, story);
    }
  auditSums([...found.values()], ledger);
  return found;
};

const EVENTS: Partial<Record<HistoryEntry['kind'], string>> = {
  CREATED: 'OrderCreated',
  PAID: 'OrderPaid',
  FAILED: 'OrderFailed',
  CANCELLED: 'OrderCancelled',
  SHIPPED: 'OrderShipped',
  DELIVERED: 'OrderDelivered',
  REFUNDED: 'OrderRefunded',
};

const eventsOf = (history: readonly HistoryEntry[]): string[] => history.flatMap(({ kind }) => EVENTS[kind] ?? []).sort();

const wasPaid = ({ history }: Story): boolean => history.some(({ kind }) => kind === 'PAID');

/** Refunded all at once, before anything was sent: told by the history alone. */
const wentBackWhole = ({ order, history }: Story): boolean =>
  history.some(
    ({ kind, refund }) =>
      kind === 'REFUNDED' && order.lines.every(({ productId, quantity }) => unitsOf(refund!.lines, productId) === quantity),
  ) && !history.some(({ kind }) => kind === 'SHIPPED');

const auditStockAndHold = (story: Story, ledger: Ledger): void => {
  const { orderId, state } = story.order;
  const reservation = ledger.reservations.get(orderId)?.state ?? 'NONE';
  const hold = ledger.holds.get(orderId)?.state ?? 'NONE';
  const paid = wasPaid(story);
  const kept = paid && !wentBackWhole(story);
  const gone: unknown = expect.stringMatching(paid ? /^RELEASED$/ : /^(RELEASED|EXPIRED)$/);
  expect({ state, reservation, hold }).toEqual({
    state,
    reservation: kept ? 'COMMITTED' : gone,
    hold: paid ? 'CAPTURED' : 'RELEASED',
  });
};

/** What the history says of refunds is what the wallets did, what the rows tell, and what the lines count. */
const auditRefunds = ({ order, history, refunds }: Story, ledger: Ledger): void => {
  const ended = (kind: HistoryEntry['kind']) => history.flatMap((entry) => (entry.kind === kind ? entry.refund! : []));
  const idsOf = (list: readonly { refundId: string }[]) => list.map(({ refundId }) => refundId).toSorted();
  const [made, refused] = [ended('REFUNDED'), ended('REFUND_REFUSED')];
  const verdicts = [...ledger.refunds].filter(([, verdict]) => verdict.orderId === order.orderId);
  const moved = verdicts.filter(([, verdict]) => !verdict.refused);
  expect(moved.map(([refundId]) => refundId).toSorted()).toEqual(idsOf(made));
  for (const refund of made)
    expect(ledger.refunds.get(refund.refundId)?.parts).toEqual(
      refundParts(order, refund).map(({ userId, amount }) => ({ userId, minor: amount.minor })),
    );
  expect(idsOf(refunds.filter(({ state }) => state === 'DONE'))).toEqual(idsOf(made));
  expect(idsOf(refunds.filter(({ state }) => state === 'FAILED'))).toEqual(idsOf(refused));
  expect(refunds).toHaveLength(made.length + refused.length);
  for (const { productId, quantity, refunded = 0 } of order.lines) {
    expect(refunded).toBe(made.reduce((sum, { lines }) => sum + unitsOf(lines, productId), 0));
    expect(refunded).toBeLessThanOrEqual(quantity);
  }
};

const unitsOf = (lines: readonly { productId: string; quantity: number }[], productId: string): number =>
  lines.reduce((sum, line) => sum + (line.productId === productId ? line.quantity : 0), 0);

const auditSums = (stories: readonly Story[], ledger: Ledger): void => {
  const paid = stories.filter(wasPaid);
  for (const [productId, all] of Object.entries(STOCK)) {
    const sold = paid
      .filter((story) => !wentBackWhole(story))
      .reduce((sum, { order }) => sum + unitsOf(order.lines, productId), 0);
    expect((ledger.available.get(productId) ?? 0) + sold, 'units on the shelf and sold').toBe(all);
  }
  const spent = paid.reduce((sum, { order }) => sum + order.total.minor - refundedOf(order).minor, 0);
  const balances = [...ledger.balance];
  const sumOf = (people: readonly string[]) => balances.reduce((sum, [id, minor]) => sum + (people.includes(id) ? minor : 0), 0);
  expect(sumOf(BUYERS), 'what the buyers have left').toBe(ALL_MONEY - spent);
  expect(
    balances.reduce((sum, [, minor]) => sum + minor, 0),
    'all money',
  ).toBe(ALL_MONEY);
  expect(sumOf([...SELLERS, 'elsewhere']), 'what the sellers got').toBe(spent);
  expect(Math.min(...ledger.available.values(), ...ledger.balance.values())).toBeGreaterThanOrEqual(0);
};
