import type { Db } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect } from 'vitest';

import type { Hold } from '../src/domain/hold.ts';
import type { Wallet } from '../src/domain/wallet.ts';
import type { LedgerEntry } from '../src/store/ledger.ts';
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

/** How much was ever credited to anybody. Equals the sum of all wallets, or the ledger does not sum to zero. */
export const everCredited = async (db: Db): Promise<number> => {
  const minted = await Promise.all(mintAccounts.map((account) => ledgerSum(db, account)));
  return minted.reduce((sum, minor) => sum - minor, 0);
};

const ledgerSum = async (db: Db, account: string): Promise<number> => {
  const { items } = await db.query(testContext(), usersTable, { pk: keys.ledger(account, '').pk, sk: { beginsWith: 'L#' } });
  return items.reduce((sum, item) => sum + read<LedgerEntry>(item)!.minor, 0);
};
