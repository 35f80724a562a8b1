import type { Amount } from '@plaza/core';

import { holdCaptured, holdMismatch, holdNotFound, holdReleased, payoutsInvalid } from './errors.ts';
import { assertCurrency, assertPositive } from './wallet.ts';

/** What one seller gets of a hold. */
export type Payout = { readonly userId: string; readonly currency: string; readonly minor: number };

/** Money of a buyer set aside for an order. HELD becomes CAPTURED or RELEASED, once, and stays so. */
export type Hold = {
  readonly orderId: string;
  readonly state: 'HELD' | 'CAPTURED' | 'RELEASED';
  /** Empty on a tombstone: a release that came before its hold. */
  readonly buyerId: string;
  readonly currency: string;
  readonly minor: number;
  /** Of a captured hold. */
  readonly payouts?: readonly Payout[] | undefined;
  /** What each seller gave back so far, by seller. */
  readonly refunded?: Readonly<Record<string, number>> | undefined;
  /** Of refunds that were made: who adds to `refunded` knows by it that nobody else did meanwhile. */
  readonly refunds?: number | undefined;
};

export const newHold = (orderId: string, buyerId: string, amount: Amount): Hold => {
  assertPositive(amount, 'amount');
  return { orderId, state: 'HELD', buyerId, currency: amount.currency, minor: amount.minor };
};

/** Takes the place of a hold that must never come. */
export const tombstone = (orderId: string): Hold => ({ orderId, state: 'RELEASED', buyerId: '', currency: '', minor: 0 });

/** Placing a hold again is fine if it is the same hold. One that was captured meanwhile was placed all the same. */
export const assertSameHold = (existing: Hold, asked: Hold): void => {
  if (existing.state === 'RELEASED') throw holdReleased();
  const same = existing.buyerId === asked.buyerId && existing.currency === asked.currency && existing.minor === asked.minor;
  if (!same) throw holdMismatch();
};

/** The hold if it is still to be captured; undefined if it was captured before, with these very payouts. */
export const holdToCapture = (hold: Hold | undefined, payouts: readonly Payout[]): Hold | undefined => {
  if (hold === undefined) throw holdNotFound();
  if (hold.state === 'RELEASED') throw holdReleased();
  if (hold.state === 'HELD') {
    assertPaysOut(hold, payouts);
    return hold;
  }
  if (!samePayouts(hold.payouts ?? [], payouts)) throw payoutsInvalid('the hold was captured with other payouts');
  return undefined;
};

/** False if it was released before. */
export const isToRelease = (hold: Hold): boolean => {
  if (hold.state === 'CAPTURED') throw holdCaptured();
  return hold.state === 'HELD';
};

/** The whole hold goes to sellers, each named once, none of them the buyer. */
export const assertPaysOut = (hold: Hold, payouts: readonly Payout[]): void => {
  payouts.forEach((payout, i) => {
    assertPositive(payout, `payouts[${i}].amount`);
    assertCurrency(payout, hold.currency, `payouts[${i}].amount`);
  });
  if (new Set(payouts.map(({ userId }) => userId)).size < payouts.length) throw payoutsInvalid('name a seller twice');
  if (payouts.some(({ userId }) => userId === hold.buyerId)) throw payoutsInvalid('pay the buyer');
  const total = payouts.reduce((sum, { minor }) => sum + minor, 0);
  if (total !== hold.minor) throw payoutsInvalid(`sum to ${total} where ${hold.minor} is held`);
};

export const samePayouts = (a: readonly Payout[], b: readonly Payout[]): boolean =>
  a.length === b.length && a.every(({ userId, minor }) => b.some((other) => other.userId === userId && other.minor === minor));
