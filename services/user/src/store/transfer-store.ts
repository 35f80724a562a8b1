import type { Context, Mutation } from '@plaza/core';
import { lostRace, once, requestRow, type Db } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import type { Transfer } from '../domain/transfer.ts';
import { refusalOf, transferredEvent, transferRows } from './transfer-rows.ts';
import { usersTable } from './table.ts';

export type TransferStore = ReturnType<typeof createTransferStore>;

/** Money between people. */
export const createTransferStore = ({ db, relay }: { db: Db; relay: Pick<Relay, 'nudge'> }) => {
  /**
   * Both wallets, both ledgers, event and request are written together or not at all. A repeated request gets the first transfer.
   * @throws NOT_FOUND USER_NOT_FOUND, FAILED_PRECONDITION INSUFFICIENT_FUNDS, INVALID_ARGUMENT AMOUNT_INVALID
   */
  const make = (ctx: Context, mutation: Mutation, transfer: Transfer): Promise<Transfer> =>
    once(ctx, db, usersTable, mutation, async () => {
      const event = transferredEvent(ctx, transfer);
      const written = await db.transact(ctx, [...transferRows(transfer, event), requestRow(usersTable, mutation, transfer)]);
      if (!written.ok) throw refusalOf(transfer, written) ?? lostRace();
      relay.nudge([event]);
      return transfer;
    });

  return { make };
};
