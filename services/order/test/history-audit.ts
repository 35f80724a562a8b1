import { expect } from 'vitest';

import type { HistoryEntry, HistoryKind } from '../src/domain/history.ts';
import type { OrderState } from '../src/domain/order.ts';

const STANDING = ['PAID', 'SHIPPED', 'DELIVERED'];

/** From which states to which each kind leads. */
const LEGAL: Readonly<Record<HistoryKind, (from: string, to: string) => boolean>> = {
  CREATED: (from, to) => from === '' && to === 'PENDING',
  RESERVED: (from, to) => from === 'PENDING' && to === 'RESERVED',
  PAID: (from, to) => from === 'RESERVED' && to === 'PAID',
  FAILED: (from, to) => ['PENDING', 'RESERVED'].includes(from) && to === 'FAILED',
  CANCELLED: (from, to) => ['PENDING', 'RESERVED'].includes(from) && to === 'CANCELLED',
  SHIPPED: (from, to) => from === 'PAID' && ['PAID', 'SHIPPED', 'DELIVERED'].includes(to),
  DELIVERED: (from, to) => STANDING.includes(from) && STANDING.indexOf(to) >= STANDING.indexOf(from),
  REFUND_REQUESTED: (from, to) => STANDING.includes(from) && to === from,
  REFUNDED: (from, to) => STANDING.includes(from) && (to === 'REFUNDED' || STANDING.indexOf(to) >= STANDING.indexOf(from)),
  REFUND_REFUSED: (from, to) => STANDING.includes(from) && to === from,
  UNSHARED: (from, to) => to === from,
};

/**
 * The history is a legal path to where the order stands: each version once, one refund at a time, each parcel sent once, and arrived
 * after that; nothing is sent while a refund is under way.
 */
export const auditHistory = (history: readonly HistoryEntry[], state: OrderState, version: number): void => {
  expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, i) => i + 1));
  expect([history.at(-1)?.state, history.length]).toEqual([state, version]);
  let from = '';
  let pending: string | undefined;
  const parcels = new Map<string, HistoryKind>();
  for (const { kind, state: to, refund, sellerId = '' } of history) {
    expect([kind, from, to, LEGAL[kind](from, to)]).toEqual([kind, from, to, true]);
    from = to;
    if (kind === 'SHIPPED') expect([parcels.get(sellerId), pending]).toEqual([undefined, undefined]);
    if (kind === 'DELIVERED') expect(parcels.get(sellerId)).toBe('SHIPPED');
    if (kind === 'SHIPPED' || kind === 'DELIVERED') parcels.set(sellerId, kind);
    if (kind === 'REFUND_REQUESTED') {
      expect(pending).toBeUndefined();
      pending = refund!.refundId;
    }
    if (kind === 'REFUNDED' || kind === 'REFUND_REFUSED') {
      expect(refund!.refundId).toBe(pending);
      pending = undefined;
    }
  }
  expect(pending, 'a refund without an end').toBeUndefined();
};
