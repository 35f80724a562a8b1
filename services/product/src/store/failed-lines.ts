import type { Item } from '@plaza/dynamo';

import type { Step } from '../domain/reservation.ts';
import { shortageOf, turnOf, type ShortLine, type Stock, type StockLine } from '../domain/stock.ts';
import type { Moment, Shortages } from './shortages.ts';
import { contentOf } from './table.ts';

/** A line whose condition failed, and the stock that broke it. */
export interface FailedLine {
  readonly line: StockLine;
  readonly stock: Stock | undefined;
}

/** The lines are rows 1 to n. None: the transaction failed on the request row alone. */
export const failedLines = ({ next, move }: Step, failed: readonly { index: number; item?: Item }[]): FailedLine[] =>
  failed.flatMap(({ index, item }) => {
    const line = move && next.lines[index - 1];
    return line ? [{ line, stock: item && contentOf<Stock>(item) }] : [];
  });

/** The line failed on a stock that could give what it takes: it would turn, or it had been bound to a version that is gone. */
export const bind = (turning: Map<string, Stock>, { move }: Step, { productId, quantity }: StockLine, stock: Stock): void => {
  if (turnOf(stock.available, stock.available + move!.available * quantity)) turning.set(productId, stock);
  else turning.delete(productId);
};

export const refusalOf = (short: readonly FailedLine[], { next }: Step): Error => {
  const lines: ShortLine[] = short.map(({ line: { productId }, stock }) => ({ productId, stock }));
  // Units of a standing reservation are there by I2; if not, answering a refusal would hide the loss.
  return next.state === 'RESERVED'
    ? shortageOf(lines)
    : new Error(`units of a reservation are missing: ${JSON.stringify(lines)}`);
};

/** For a wish of one line alone: of several, each short one is to be named with what is left of it at one moment. */
export const sharedRefusal = (shortages: Shortages, { next, move }: Step, begun: Moment): Error | undefined => {
  const [line, ...others] = next.lines;
  const shortage = move && line && others.length === 0 ? shortages.refusing(line, begun) : undefined;
  return line && shortage && shortageOf([{ productId: line.productId, stock: shortage.stock }]);
};
