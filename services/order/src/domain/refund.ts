import type { Caller } from '@plaza/core';

import { illegalTransition, orderNotFound, refundTooLarge, type Excess } from './errors.ts';
import { isStanding, standingOf } from './fulfilment.ts';
import { payoutsOf, type Order, type OrderLine, type Payout, type Refund, type RefundLine } from './order.ts';
import { partyOf } from './party.ts';

export interface RefundWish {
  readonly refundId: string;
  /** None: all that is left. Equal products are added. */
  readonly lines: readonly RefundLine[];
  readonly note: string;
}

/** A refund as it is kept, from the request on: what whoever asked is told at the end. */
export type StoredRefund = Refund & {
  readonly state: 'PENDING' | 'DONE' | 'FAILED';
  /** Of a FAILED one: what the service that moves the money said. */
  readonly failure?: Order['failure'];
  /** Epoch milliseconds. */
  readonly askedAt: number;
  readonly endedAt?: number | undefined;
};

/**
 * The refund that the caller may have: of its own lines, or an admin of any.
 * @throws NOT_FOUND ORDER_NOT_FOUND to whom it does not sell for, FAILED_PRECONDITION ILLEGAL_TRANSITION, INVALID_ARGUMENT
 * REFUND_TOO_LARGE
 */
export const newRefund = (order: Order, caller: Caller, { refundId, lines: asked, note }: RefundWish): Refund => {
  const party = partyOf(caller, order);
  if (party === undefined || party.kind === 'buyer') throw orderNotFound(order.orderId);
  if (!isStanding(order.state)) throw illegalTransition(order.state);
  const seller = party.kind === 'seller' ? party.sellerId : undefined;
  const own = order.lines.filter(({ sellerId }) => sellerId === (seller ?? sellerId));
  const left = new Map(own.map((line) => [line.productId, leftOf(line)]));
  const lines = asked.length === 0 ? allOf(left) : wanted(asked, left);
  const back = unitsOf(lines);
  return {
    refundId,
    lines,
    amount: { currency: order.total.currency, minor: sumOf(order, lines) },
    note,
    restock: order.parcels === undefined && order.lines.every(({ productId, quantity }) => back.get(productId) === quantity),
  };
};

/** What each seller gives back. */
export const refundParts = (order: Order, { lines }: Refund): Payout[] => payoutsOf({ ...order, lines: linesOf(order, lines) });

/** The order when the money is back. */
export const afterRefund = (order: Order, { lines: back }: Refund): Pick<Order, 'state' | 'lines' | 'refund'> => {
  const units = unitsOf(back);
  const lines = order.lines.map((line) => {
    const quantity = units.get(line.productId);
    return quantity === undefined ? line : { ...line, refunded: (line.refunded ?? 0) + quantity };
  });
  return { lines, state: standingOf({ lines, parcels: order.parcels }), refund: undefined };
};

const unitsOf = (lines: readonly RefundLine[]): ReadonlyMap<string, number> =>
  new Map(lines.map(({ productId, quantity }) => [productId, quantity]));

const leftOf = ({ quantity, refunded = 0 }: OrderLine): number => quantity - refunded;

const allOf = (left: ReadonlyMap<string, number>): RefundLine[] => {
  const lines = [...left].flatMap(([productId, quantity]) => (quantity > 0 ? [{ productId, quantity }] : []));
  if (lines.length === 0) throw refundTooLarge([{ field: 'lines', productId: '', left: 0 }]);
  return lines;
};

/** Of a product that is not among the caller's lines nothing is left, whoever sold it. */
const wanted = (asked: readonly RefundLine[], left: ReadonlyMap<string, number>): RefundLine[] => {
  const lines = new Map<string, number>();
  const excesses: Excess[] = [];
  for (const [i, { productId, quantity }] of asked.entries()) {
    const units = (lines.get(productId) ?? 0) + quantity;
    lines.set(productId, units);
    const most = left.get(productId) ?? 0;
    const part = left.has(productId) ? 'quantity' : 'product_id';
    if (units > most) excesses.push({ field: `lines[${i}].${part}`, productId, left: most });
  }
  const [first, ...others] = excesses;
  if (first) throw refundTooLarge([first, ...others]);
  return [...lines].map(([productId, quantity]) => ({ productId, quantity }));
};

const linesOf = (order: Order, back: readonly RefundLine[]): OrderLine[] => {
  const units = unitsOf(back);
  return order.lines.flatMap((line) => {
    const quantity = units.get(line.productId);
    return quantity === undefined ? [] : [{ ...line, quantity }];
  });
};

const sumOf = (order: Order, back: readonly RefundLine[]): number =>
  linesOf(order, back).reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.minor, 0);
