import { all, eq, exists, gt, gte, lacks, update, type WriteOp } from '@plaza/dynamo';
import { outboxRow, stockDepleted, stockRestocked, type OutboxRow } from '@plaza/events';

import type { Move, Stock, StockLine, Turn } from '../domain/stock.ts';
import { keys, products } from './table.ts';

/** What an event is about: as `outboxRow` takes it. */
export interface About {
  readonly aggregateId: string;
  readonly version: number;
  readonly at: number;
  readonly trace: string;
}

/**
 * Moves the units of one line. Numbers that sink are conditions: this is what keeps all three from falling below zero in any race.
 * Without a stock to be `bound` to it is also a condition that no turn happens, so that nothing needs to be read first; with one
 * the write stands or falls with that version of the row, on which the turn was seen.
 */
export const moveStock = ({ productId, quantity }: StockLine, move: Move, bound: Stock | undefined): WriteOp => {
  const { onHand, reserved, available } = move;
  const change = { onHand: onHand * quantity, reserved: reserved * quantity, available: available * quantity };
  const sinking = Object.entries(change).filter(([, by]) => by < 0);
  const free = all(exists(), ...noTurn(move, quantity), ...sinking.map(([number]) => gte(number, quantity)));
  const condition = bound === undefined ? free : eq('version', bound.version);
  return update(products, keys.stock(productId), { add: { ...change, version: 1 } }, condition);
};

const noTurn = ({ available }: Move, quantity: number) => {
  if (available < 0) return [lacks('inactiveAt'), gt('available', quantity)];
  return available > 0 ? [gt('available', 0)] : [];
};

/** The products that turn in one transaction, all the same way, with the versions of their stock of before. */
export const turnEvent = (turn: Turn, turned: readonly Stock[], about: About): OutboxRow => {
  const turns = turned.map(({ productId, version }) => ({ productId, stockVersion: BigInt(version + 1) }));
  return turn === 'DEPLETED' ? outboxRow(stockDepleted, { turns }, about) : outboxRow(stockRestocked, { turns }, about);
};
