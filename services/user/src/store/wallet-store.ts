import type { Amount, Clock, Context, Mutation } from '@plaza/core';
import { eq, lostRace, once, requestRow, update, type Db } from '@plaza/dynamo';

import { userNotFound } from '../domain/errors.ts';
import type { LedgerEntry } from '../domain/ledger.ts';
import { credited, type Wallet } from '../domain/wallet.ts';
import { ENTRIES, ledgerEntry, ledgerRow } from './ledger.ts';
import { keys, mintAccounts, read, usersTable } from './table.ts';

export type WalletStore = ReturnType<typeof createWalletStore>;

export interface LedgerPage {
  readonly entries: LedgerEntry[];
  /** Where to go on; absent at the end. */
  readonly next: string | undefined;
}

/** Balances, never cached: money is read where it is decided. */
export const createWalletStore = ({ db, now }: { db: Db; now: Clock }) => {
  const get = async (ctx: Context, userId: string): Promise<Wallet | undefined> =>
    read<Wallet>(await db.get(ctx, usersTable, keys.wallet(userId)));

  /** Moves money from the mint into the wallet and answers the wallet after it; a repeated request, the wallet after the first. */
  const credit = (ctx: Context, mutation: Mutation, userId: string, amount: Amount, reference: string): Promise<Wallet> =>
    once(ctx, db, usersTable, mutation, async () => {
      // The answer holds the new balance, so the write is bound to the version that was read, and tried again if it moved.
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const wallet = await get(ctx, userId);
        if (wallet === undefined) throw userNotFound();
        const after = credited(wallet, amount);
        const entry = { ...amount, kind: 'CREDIT', reference, createdAt: now() } as const;
        const written = await db.transact(ctx, [
          update(usersTable, keys.wallet(userId), { set: after }, eq('version', wallet.version)),
          ledgerRow({ ...entry, account: userId }),
          ledgerRow({ ...entry, account: mintFor(mutation), minor: -amount.minor }),
          requestRow(usersTable, mutation, after),
        ]);
        if (written.ok) return after;
        if (written.failed.every(({ index }) => index !== 0)) break;
      }
      throw lostRace();
    });

  /**
   * Newest first, those before an entry if one is named; undefined when there is no such wallet. New entries have higher ids, so
   * that they move nothing on the pages that are still to come.
   */
  const entries = async (
    ctx: Context,
    userId: string,
    { size, before }: { size: number; before: string | undefined },
  ): Promise<LedgerPage | undefined> => {
    const page = await db.query(ctx, usersTable, {
      pk: keys.ledger(userId, '').pk,
      sk: { beginsWith: ENTRIES },
      descending: true,
      // One more than asked for tells whether there is a next page.
      limit: size + 1,
      after: before === undefined ? undefined : keys.ledger(userId, before),
    });
    if (page.items.length === 0 && (await get(ctx, userId)) === undefined) return undefined;
    const seen = page.items.slice(0, size).map(ledgerEntry);
    return { entries: seen, next: page.items.length > size ? seen.at(-1)?.entryId : undefined };
  };

  return { get, credit, entries };
};

/** Each lost race means that another movement of this wallet won it. */
const MAX_TRIES = 20;

const mintFor = ({ id }: Mutation): string => mintAccounts[id.charCodeAt(id.length - 1) % mintAccounts.length]!;
