import type { Amount } from '@plaza/core';

import { selfTransfer } from './errors.ts';
import { assertPositive } from './wallet.ts';

/** Money that went from one wallet to another; it never changes. */
export type Transfer = {
  readonly transferId: string;
  readonly fromUserId: string;
  readonly toUserId: string;
  readonly currency: string;
  readonly minor: number;
  /** The sender's words, for both ledgers. */
  readonly note: string;
  readonly createdAt: number;
};

export const newTransfer = (
  transferId: string,
  { fromUserId, toUserId, note }: Pick<Transfer, 'fromUserId' | 'toUserId' | 'note'>,
  amount: Amount,
  at: number,
): Transfer => {
  if (fromUserId === toUserId) throw selfTransfer();
  assertPositive(amount, 'amount');
  return { transferId, fromUserId, toUserId, currency: amount.currency, minor: amount.minor, note, createdAt: at };
};
