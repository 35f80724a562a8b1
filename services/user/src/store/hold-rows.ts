import type { AppError } from '@plaza/core';
import { all, eq, gte, insert, lacks, update, type Condition, type Value, type WriteOp, type WriteResult } from '@plaza/dynamo';

import { amountInvalid, insufficientFunds, userNotFound } from '../domain/errors.ts';
import { tombstone, type Hold, type Payout } from '../domain/hold.ts';
import type { Wallet } from '../domain/wallet.ts';
import { ledgerRow } from './ledger.ts';
import { keys, read, usersTable } from './table.ts';

export type Failed = Extract<WriteResult, { ok: false }>['failed'];

/** Places of rows in the transactions below, by which a refusal gets its name. */
export const HOLD_ROW = 0;
const BUYER_ROW = 1;
const FIRST_SELLER_ROW = 3;
const ROWS_PER_SELLER = 2;

export const placeRows = (hold: Hold, at: number): WriteOp[] => [
  insert(usersTable, { ...keys.hold(hold.orderId), ...hold, createdAt: at }),
  move(hold.buyerId, { available: -hold.minor, held: hold.minor }, [
    eq('currency', hold.currency),
    lacks('closedAt'),
    gte('available', hold.minor),
  ]),
];

/**
 * At most 40 sellers, so at most 83 rows, and the request's. Balances are added to, not replaced: a shop's many sales do not contend.
 * A closed wallet pays and is paid all the same: what was ordered before a person went settles.
 */
export const captureRows = (hold: Hold, payouts: readonly Payout[], at: number): WriteOp[] => {
  const { orderId, buyerId, currency, minor } = hold;
  const entry = { currency, kind: 'CAPTURE', reference: orderId, createdAt: at } as const;
  return [
    leaveHeld(orderId, { state: 'CAPTURED', payouts, capturedAt: at }),
    move(buyerId, { balance: -minor, held: -minor }, [gte('held', minor)]),
    ledgerRow({ ...entry, account: buyerId, minor: -minor }),
    ...payouts.flatMap((payout) => [
      move(payout.userId, { balance: payout.minor, available: payout.minor }, [eq('currency', currency)]),
      ledgerRow({ ...entry, account: payout.userId, minor: payout.minor }),
    ]),
  ];
};

export const releaseRows = ({ orderId, buyerId, minor }: Hold, at: number): WriteOp[] => [
  leaveHeld(orderId, { state: 'RELEASED', releasedAt: at }),
  move(buyerId, { available: minor, held: -minor }, [gte('held', minor)]),
];

export const tombstoneRows = (orderId: string, at: number): WriteOp[] => [
  insert(usersTable, { ...keys.hold(orderId), ...tombstone(orderId), createdAt: at, releasedAt: at }),
];

/** Why the buyer's wallet refused to be held from; undefined if it did not. */
export const unaffordable = (hold: Hold, failed: Failed): AppError | undefined => {
  const buyer = failed.find(({ index }) => index === BUYER_ROW);
  if (buyer === undefined) return undefined;
  const wallet = read<Wallet>(buyer.item);
  if (wallet === undefined || wallet.closedAt !== undefined) return userNotFound(hold.buyerId);
  if (wallet.currency !== hold.currency) return amountInvalid('amount', `must be in ${wallet.currency}`);
  return insufficientFunds(wallet.available, hold.minor);
};

/** The seller that cannot be paid, having no wallet; undefined if all have one. */
export const unpayable = (payouts: readonly Payout[], failed: Failed): AppError | undefined => {
  const missing = failed.filter(({ item }) => item === undefined);
  const sellers = missing.map(({ index }) => payouts[(index - FIRST_SELLER_ROW) / ROWS_PER_SELLER]);
  const seller = sellers.find((payout) => payout !== undefined);
  return seller && userNotFound(seller.userId);
};

/** Names the rows that failed for no reason that a caller can give; undefined if none did, but only the request's, which follows them. */
export const defect = (rows: readonly WriteOp[], failed: Failed): Error | undefined => {
  const broken = failed.flatMap(({ index }) => rows[index] ?? []).map((op) => (op.verb === 'put' ? op.item : op.key));
  if (broken.length === 0) return undefined;
  return new Error(`rows contradict a standing hold: ${broken.map(({ pk, sk }) => `${pk} / ${sk}`).join(', ')}`);
};

/** Adds to a wallet, if it is as the conditions say. */
export const move = (
  userId: string,
  by: { balance?: number; available?: number; held?: number },
  conditions: Condition[],
): WriteOp => update(usersTable, keys.wallet(userId), { add: { ...by, version: 1 } }, all(...conditions));

const leaveHeld = (orderId: string, outcome: Record<string, Value>): WriteOp =>
  update(usersTable, keys.hold(orderId), { set: outcome }, eq('state', 'HELD'));
