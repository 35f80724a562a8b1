import type { Clock, Context } from '@plaza/core';

import { nothing, receive, type Message, type Receipt, type Row } from './domain/import.ts';
import type { ReceiptStore } from './store/receipt-store.ts';

/** A broken stream loses at most this much of its receipt: what is behind it is counted as unchanged the next time. */
const SAVE_MS = 1_000;

export type ImportProgress = Awaited<ReturnType<typeof beginImport>>;

/**
 * What one stream of an import has come to. Messages finish in any order; the receipt counts those before which all are finished, so
 * that it says where to go on.
 * @throws AppError INVALID_ARGUMENT INVALID_FIELD when messages between the receipt and `index` are missing
 */
export const beginImport = async (
  ctx: Context,
  { receipts, now }: { receipts: ReceiptStore; now: Clock },
  { importId, index }: { importId: string; index: number },
) => {
  const run = importId === '' ? undefined : await receipts.begin(ctx, importId, index);
  let receipt = run?.receipt ?? nothing(index);
  const ahead = new Map<number, { message: Message; rows: readonly Row[] }>();
  let saved = receipt;
  let savedAt = now();
  let saving: Promise<void> | undefined;

  const save = async (saveCtx: Context): Promise<void> => {
    const current = receipt;
    if (!run || current === saved) return;
    savedAt = now();
    await receipts.save(saveCtx, run, current);
    saved = current;
  };

  return {
    receipt: (): Receipt => receipt,
    /** Whether an earlier stream has written it. */
    isWritten: (message: Message): boolean => message.index < receipt.messages,
    finish: (message: Message, rows: readonly Row[]): void => {
      ahead.set(message.index, { message, rows });
      for (let next = ahead.get(receipt.messages); next; next = ahead.get(receipt.messages)) {
        ahead.delete(receipt.messages);
        receipt = receive(receipt, next.message, next.rows);
      }
    },
    /** One save at a time, and not too often. */
    saveNowAndThen: async (saveCtx: Context): Promise<void> => {
      if (saving || now() - savedAt < SAVE_MS) return;
      saving = save(saveCtx).finally(() => (saving = undefined));
      await saving;
    },
    save: async (saveCtx: Context): Promise<void> => {
      await saving?.catch(() => {});
      await save(saveCtx);
    },
  };
};
