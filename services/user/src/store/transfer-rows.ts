import { moneyOf, type AppError, type Context } from '@plaza/core';
import { all, eq, gte, insert, lacks, lte, update, type Condition, type WriteOp, type WriteResult } from '@plaza/dynamo';
import { balanceTransferred, outboxRow, type OutboxRow } from '@plaza/events';

import { amountInvalid, insufficientFunds, userNotFound } from '../domain/errors.ts';
import type { Transfer } from '../domain/transfer.ts';
import type { Wallet } from '../domain/wallet.ts';
import { ledgerRow } from './ledger.ts';
import { keys, read, usersTable } from './table.ts';

/** Places of the wallets among `transferRows`, by which a refusal gets its name. */
const FROM_ROW = 0;
const TO_ROW = 1;

/** Balances are added to, not replaced: many who pay one person do not make each other read again. */
export const transferRows = (transfer: Transfer, event: OutboxRow): WriteOp[] => {
  const { transferId, fromUserId, toUserId, currency, minor, note, createdAt } = transfer;
  const entry = { currency, kind: 'TRANSFER', reference: transferId, note, createdAt } as const;
  return [
    move(fromUserId, -minor, currency, gte('available', minor)),
    move(toUserId, minor, currency, lte('balance', mostBefore(minor))),
    ledgerRow({ ...entry, account: fromUserId, minor: -minor, counterparty: toUserId }),
    ledgerRow({ ...entry, account: toUserId, minor, counterparty: fromUserId }),
    insert(usersTable, event),
  ];
};

export const transferredEvent = (ctx: Context, transfer: Transfer): OutboxRow => {
  const { transferId, fromUserId, toUserId, createdAt } = transfer;
  return outboxRow(
    balanceTransferred,
    { transferId, fromUserId, toUserId, amount: moneyOf(transfer), createTime: new Date(createdAt) },
    { aggregateId: transferId, version: 1, at: createdAt, trace: ctx.trace },
  );
};

/** Why a wallet refused; undefined if neither did. Nothing of the receiver's wallet is told, but that it cannot take this. */
export const refusalOf = (
  { currency, minor }: Transfer,
  { failed }: Extract<WriteResult, { ok: false }>,
): AppError | undefined => {
  const broken = failed.filter(({ index }) => index === FROM_ROW || index === TO_ROW);
  if (broken.length === 0) return undefined;
  const wallets = broken.map(({ item }) => read<Wallet>(item));
  if (wallets.some((wallet) => wallet === undefined || wallet.closedAt !== undefined)) return userNotFound();
  if (wallets.some((wallet) => wallet?.currency !== currency))
    return amountInvalid('amount', 'must be in the currency of both wallets');
  const from = read<Wallet>(broken.find(({ index }) => index === FROM_ROW)?.item);
  if (from !== undefined) return insufficientFunds(from.available, minor);
  return amountInvalid('amount', 'would fill the wallet beyond what can be counted exactly');
};

const mostBefore = (minor: number): number => Number.MAX_SAFE_INTEGER - minor;

const move = (userId: string, minor: number, currency: string, condition: Condition): WriteOp =>
  update(
    usersTable,
    keys.wallet(userId),
    { add: { balance: minor, available: minor, version: 1 } },
    all(eq('currency', currency), lacks('closedAt'), condition),
  );
