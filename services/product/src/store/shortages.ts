import { isShort, moves, type Stock, type StockLine } from '../domain/stock.ts';

/** A moment of this process; of two, the greater one is the later one. */
export type Moment = number;

/** What the table said of a product that could not give what was asked for. */
interface Shortage {
  /** Before the transaction was sent that brought this row back. */
  readonly sent: Moment;
  readonly stock: Stock | undefined;
}

export interface Shortages {
  now(): Moment;
  note(productId: string, sent: Moment, stock: Stock | undefined): void;
  /** The row that refuses this wish of a call which has been waiting since `begun`; undefined when there is none. */
  refusing(line: StockLine, begun: Moment): { readonly stock: Stock | undefined } | undefined;
}

/** Only what others wait for is of use, and the server lets in 128 calls. */
const KEPT = 256;

/**
 * When the last unit is gone, everybody in line would send a transaction to hear the same. But the row that refused one of them was
 * read after its transaction was sent; whoever was in line by then may be told what that row says: it was true on the table at a
 * moment between the beginning of their call and its answer, as it would have been of a row of their own. Whoever comes later sends a
 * transaction again: nothing is decided on what was known before a call began. That the order has no reservation, which would be the
 * answer whatever is left, must be looked up; seen after that moment, it was so at that moment too.
 */
export const createShortages = (): Shortages => {
  const last = new Map<string, Shortage>();
  let moment = 0;
  return {
    now: () => ++moment,

    note(productId, sent, stock) {
      if ((last.get(productId)?.sent ?? 0) > sent) return;
      last.delete(productId);
      last.set(productId, { sent, stock });
      // The oldest is the first: what is forgotten costs a transaction.
      if (last.size > KEPT) last.delete(last.keys().next().value!);
    },

    refusing({ productId, quantity }, begun) {
      const shortage = last.get(productId);
      return shortage && shortage.sent > begun && isShort(shortage.stock, moves.reserve, quantity) ? shortage : undefined;
    },
  };
};
