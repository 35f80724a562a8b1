import { newId } from '@plaza/core';
import { insert, type WriteOp } from '@plaza/dynamo';

import { keys, usersTable } from './table.ts';

/** One side of a movement. All entries of all accounts sum to zero; those of a wallet sum to its balance. */
export type LedgerEntry = {
  readonly account: string;
  readonly minor: number;
  readonly currency: string;
  readonly kind: 'CREDIT' | 'CAPTURE';
  /** What for: the operator's words, or the order id. */
  readonly reference: string;
  readonly createdAt: number;
};

/** Ids ascend, so that an account reads in the order of time. */
export const ledgerRow = (entry: LedgerEntry): WriteOp =>
  insert(usersTable, { ...keys.ledger(entry.account, newId()), ...entry });
