/** One side of a movement. All entries of all accounts sum to zero; those of a wallet sum to its balance. */
export type LedgerEntry = {
  /** Ids ascend, so that an account reads in the order of time. */
  readonly entryId: string;
  readonly account: string;
  readonly minor: number;
  readonly currency: string;
  readonly kind: 'CREDIT' | 'CAPTURE' | 'TRANSFER' | 'REFUND';
  /** What for: the operator's words, the order id, or the transfer id. */
  readonly reference: string;
  /** Of a transfer: the account on the other side, and the sender's words. */
  readonly counterparty?: string | undefined;
  readonly note?: string | undefined;
  readonly createdAt: number;
};
