import { newId } from '@plaza/core';
import { insert, type Item, type WriteOp } from '@plaza/dynamo';

import type { LedgerEntry } from '../domain/ledger.ts';
import { keys, read, usersTable } from './table.ts';

/** What the sort keys of an account's entries begin with; the entry's id follows. */
export const ENTRIES = keys.ledger('', '').sk;

export const ledgerRow = (entry: Omit<LedgerEntry, 'entryId'>): WriteOp =>
  insert(usersTable, { ...keys.ledger(entry.account, newId()), ...entry });

export const ledgerEntry = (item: Item): LedgerEntry => ({
  ...read<Omit<LedgerEntry, 'entryId'>>(item)!,
  entryId: item.sk.slice(ENTRIES.length),
});
