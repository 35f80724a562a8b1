import type { Db } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect } from 'vitest';

import type { Hold } from '../src/domain/hold.ts';
import type { HoldRefund } from '../src/domain/refund.ts';
import type { LedgerEntry } from '../src/domain/ledger.ts';
import type { Wallet } from '../src/domain/wallet.ts';
import { ledgerEntry } from '../src/store/ledger.ts';
import { keys, mintAccounts, read, usersTable } from '../src/store/table.ts';

/** Everything that must be true of these wallets at any quiet moment; answers their sum. The orders are all that touched them. */
export const auditWallets = async (db: Db, userIds: readonly string[], orderIds: readonly string[]): Promise<number> => {
  const holds = await Promise.all(orderIds.map(async (id) => read<Hold>(await db.get(testContext(), usersTable, keys.hold(id)))));
  let total = 0;
  for (const userId of userIds) {
    const wallet = read<Wallet>(await db.get(testContext(), usersTable, keys.wallet(userId)))!;
    const held = holds.filter((hold) => hold?.state === 'HELD' && hold.buyerId === userId);
    expect(wallet.balance, `balance of ${userId} = its ledger`).toBe(await ledgerSum(db, userId));
    expect(wallet.balance, `balance of ${userId} = available + held`).toBe(wallet.available + wallet.held);
    expect(wallet.held, `held of ${userId} = its holds`).toBe(held.reduce((sum, hold) => sum + hold!.minor, 0));
    expect(Math.min(wallet.available, wallet.held), `least part of ${userId}`).toBeGreaterThanOrEqual(0);
    total += wallet.balance;
  }
  return total;
};

/**
 * What each order's verdicts say was given back is what its hold and the ledgers say, and no seller gave back more than the order
 * brought it. Answers the ids of the refunds that were made.
 */
export const auditRefunds = async (db: Db, userIds: readonly string[], orderIds: readonly string[]): Promise<string[]> => {
  const entries = (await Promise.all(userIds.map((userId) => entriesOf(db, userId)))).flat();
  const made: string[] = [];
  for (const orderId of orderIds) {
    const hold = read<Hold>(await db.get(testContext(), usersTable, keys.hold(orderId)));
    const { pk, sk } = keys.refund(orderId, '');
    const rows = (await db.query(testContext(), usersTable, { pk, sk: { beginsWith: sk } })).items;
    const refunds = rows.map((row) => read<HoldRefund>(row)!).filter(({ shortage }) => shortage === undefined);
    const given = new Map<string, number>();
    for (const { userId, minor } of refunds.flatMap(({ parts }) => parts)) given.set(userId, (given.get(userId) ?? 0) + minor);
    expect(Object.fromEntries(given), `refunded of ${orderId}`).toEqual(hold?.refunded ?? {});
    expect(hold?.refunds ?? 0, `refunds of ${orderId}`).toBe(refunds.length);
    for (const [seller, minor] of given) {
      const got = hold!.payouts!.find(({ userId }) => userId === seller)?.minor ?? 0;
      expect(minor, `what ${seller} gave back of ${orderId}`).toBeLessThanOrEqual(got);
    }
    const booked = entries.filter(({ kind, reference }) => kind === 'REFUND' && reference === orderId);
    const back = booked.filter(({ account }) => account === hold?.buyerId).reduce((sum, { minor }) => sum + minor, 0);
    expect(back, `what came back of ${orderId}`).toBe([...given.values()].reduce((sum, minor) => sum + minor, 0));
    made.push(...refunds.map(({ refundId }) => refundId));
  }
  return made;
};

/** How much was ever credited to anybody. Equals the sum of all wallets, or the ledger does not sum to zero. */
export const everCredited = async (db: Db): Promise<number> => {
  const minted = await Promise.all(mintAccounts.map((account) => ledgerSum(db, account)));
  return minted.reduce((sum, minor) => sum - minor, 0);
};

/** Every transfer among these wallets has two entries that mirror each other; answers the ids of all transfers. */
export const auditTransfers = async (db: Db, userIds: readonly string[]): Promise<string[]> => {
  const sides = new Map<string, LedgerEntry[]>();
  for (const userId of userIds)
    for (const entry of await entriesOf(db, userId))
      if (entry.kind === 'TRANSFER') sides.set(entry.reference, [...(sides.get(entry.reference) ?? []), entry]);
  for (const [transferId, entries] of sides) {
    const [one, other] = entries;
    expect(entries, `entries of ${transferId}`).toHaveLength(2);
    expect(one!.minor + other!.minor, `sum of ${transferId}`).toBe(0);
    expect([one!.counterparty, other!.counterparty]).toEqual([other!.account, one!.account]);
  }
  return [...sides.keys()];
};

const ledgerSum = async (db: Db, account: string): Promise<number> =>
  (await entriesOf(db, account)).reduce((sum, { minor }) => sum + minor, 0);

const entriesOf = async (db: Db, account: string): Promise<LedgerEntry[]> => {
  const { items } = await db.query(testContext(), usersTable, { pk: keys.ledger(account, '').pk, sk: { beginsWith: 'L#' } });
  return items.map(ledgerEntry);
};
