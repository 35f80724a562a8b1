import type { Amount } from '@plaza/core';

import { amountInvalid, userNotFound } from './errors.ts';

/** Money of one user, in minor units of one currency. Always balance = available + held, none below zero. */
export type Wallet = {
  readonly userId: string;
  readonly currency: string;
  /** All money of the user; equals the sum of the ledger. */
  readonly balance: number;
  /** What can be spent. */
  readonly available: number;
  /** What is set aside for orders. */
  readonly held: number;
  /** Since when it is closed, as that of a deleted person: only orders that are under way still move it. */
  readonly closedAt?: number | undefined;
  readonly version: number;
};

/** The currency of new wallets. */
const WALLET_CURRENCY = 'EUR';

const MAX_CREDIT_MINOR = 1_000_000 * 100;

export const emptyWallet = (userId: string): Wallet => ({
  userId,
  currency: WALLET_CURRENCY,
  balance: 0,
  available: 0,
  held: 0,
  version: 1,
});

export const assertPositive = (amount: Amount, field: string): void => {
  if (amount.minor <= 0) throw amountInvalid(field, 'must be more than zero');
};

export const assertCurrency = (amount: Amount, currency: string, field: string): void => {
  if (amount.currency !== currency) throw amountInvalid(field, `must be in ${currency}`);
};

/**
 * The wallet after money came in.
 * @throws NOT_FOUND USER_NOT_FOUND, INVALID_ARGUMENT AMOUNT_INVALID
 */
export const credited = (wallet: Wallet, amount: Amount): Wallet => {
  if (wallet.closedAt !== undefined) throw userNotFound();
  assertPositive(amount, 'amount');
  assertCurrency(amount, wallet.currency, 'amount');
  if (amount.minor > MAX_CREDIT_MINOR) throw amountInvalid('amount', 'must be at most 1,000,000 units');
  const balance = wallet.balance + amount.minor;
  if (!Number.isSafeInteger(balance)) throw amountInvalid('amount', 'would fill the wallet beyond what can be counted exactly');
  return { ...wallet, balance, available: wallet.available + amount.minor, version: wallet.version + 1 };
};
