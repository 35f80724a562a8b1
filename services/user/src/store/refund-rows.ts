import { all, check, eq, gte, insert, lacks, update, type WriteOp } from '@plaza/dynamo';

import type { Hold, Payout } from '../domain/hold.ts';
import type { HoldRefund, Shortage } from '../domain/refund.ts';
import type { Wallet } from '../domain/wallet.ts';
import { move, type Failed } from './hold-rows.ts';
import { ledgerRow } from './ledger.ts';
import { keys, read, usersTable } from './table.ts';

/** Places of rows in the transactions below. A refund that lost a race fails on one of the first two, and is judged again. */
const HOLD_ROW = 0;
const VERDICT_ROW = 1;
const FIRST_SELLER_ROW = 4;
const ROWS_PER_SELLER = 2;

/**
 * At most 40 sellers, so at most 84 rows, and the request's. Closed wallets give and get all the same: what was ordered before a
 * person went is settled, and given back.
 */
export const refundRows = (before: Hold, after: Hold, refund: HoldRefund, at: number): WriteOp[] => {
  const { orderId, buyerId, currency } = before;
  const total = refund.parts.reduce((sum, { minor }) => sum + minor, 0);
  const entry = { currency, kind: 'REFUND', reference: orderId, createdAt: at } as const;
  return [
    update(usersTable, keys.hold(orderId), { set: { refunded: after.refunded, refunds: after.refunds } }, asSeen(before)),
    insert(usersTable, verdictRow(orderId, refund, at)),
    move(buyerId, { balance: total, available: total }, [eq('currency', currency)]),
    ledgerRow({ ...entry, account: buyerId, minor: total }),
    ...refund.parts.flatMap(({ userId, minor }) => [
      move(userId, { balance: -minor, available: -minor }, [eq('currency', currency), gte('available', minor)]),
      ledgerRow({ ...entry, account: userId, minor: -minor }),
    ]),
  ];
};

/** Nothing moves, now and later. Only if the hold is still as it was judged: what was refused then was this refund. */
export const refusalRows = (before: Hold, refund: HoldRefund, at: number): WriteOp[] => [
  check(usersTable, keys.hold(before.orderId), asSeen(before)),
  insert(usersTable, verdictRow(before.orderId, refund, at)),
];

/** Another refund, or this one, came first. */
export const lostTheHold = (failed: Failed): boolean => failed.some(({ index }) => index === HOLD_ROW || index === VERDICT_ROW);

/** The first seller that has less than it is to give back; undefined if all have enough. */
export const shortageIn = (parts: readonly Payout[], failed: Failed): Shortage | undefined => {
  for (const { index, item } of failed) {
    const part = parts[(index - FIRST_SELLER_ROW) / ROWS_PER_SELLER];
    const wallet = read<Wallet>(item);
    if (part && wallet && wallet.currency === part.currency && wallet.available < part.minor)
      return { userId: part.userId, available: wallet.available, asked: part.minor };
  }
  return undefined;
};

const asSeen = ({ refunds }: Hold) =>
  all(eq('state', 'CAPTURED'), refunds === undefined ? lacks('refunds') : eq('refunds', refunds));

const verdictRow = (orderId: string, refund: HoldRefund, at: number) => ({
  ...keys.refund(orderId, refund.refundId),
  ...refund,
  createdAt: at,
});
