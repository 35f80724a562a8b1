import { crashPoint, type Context, type Mutation } from '@plaza/core';
import {
  all,
  check,
  eq,
  exists,
  gte,
  insert,
  lostRace,
  once,
  put,
  requestRow,
  update,
  type Db,
  type Item,
  type WriteOp,
} from '@plaza/dynamo';
import { outboxRow, reservationCommitted, reservationReleased, stockReserved, type OutboxRow, type Relay } from '@plaza/events';

import type { Reservation, Step } from '../domain/reservation.ts';
import { shortageOf, type Move, type Stock, type StockLine } from '../domain/stock.ts';
import type { Lanes } from './lanes.ts';
import { contentOf, keys, products } from './table.ts';

/** How the reservation goes on from what the table holds; undefined: the order is unknown. Throws refusals. */
export type Decide = (reservation: Reservation | undefined) => Step;

/** Unknown, RESERVED, COMMITTED, RELEASED: a reservation moves three times at most, so that nobody loses more often. */
const MAX_TRIES = 4;

export type ReservationStore = ReturnType<typeof createReservationStore>;

interface Parts {
  readonly db: Db;
  readonly relay: Pick<Relay, 'nudge'>;
  readonly lanes: Lanes;
}

export const createReservationStore = ({ db, relay, lanes }: Parts) => {
  /** Takes the step that is decided on `seen`, if the table still says so; else decides again on what it says now. */
  const goOn = async (ctx: Context, mutation: Mutation, decide: Decide, written: () => void, seen: Item | undefined) => {
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const step = decide(seen && contentOf<Reservation>(seen));
      const events = eventsOf(ctx, step);
      const reply = { reservedUntil: step.next.reservedUntil };
      const rows = [
        ...writeStep(step, seen),
        ...events.map((event) => insert(products, event)),
        requestRow(products, mutation, reply),
      ];
      const touched = step.move ? step.next.lines.map(({ productId }) => productId) : [];
      const result = await lanes(touched, () => db.transact(ctx, rows));
      if (result.ok) {
        written();
        relay.nudge(events);
        return reply;
      }
      const overtaken = result.failed.find(({ index }) => index === 0);
      if (!overtaken) throw refusalOf(result.failed, step);
      seen = overtaken.item;
    }
    throw lostRace();
  };

  const move = (ctx: Context, mutation: Mutation, orderId: string, decide: Decide, written: () => void) =>
    once(ctx, db, products, mutation, async () =>
      goOn(ctx, mutation, decide, written, await db.get(ctx, products, keys.reservation(orderId))),
    );

  return {
    /** Reserves all lines or none; answers until when (epoch milliseconds). Nearly always the order is new: nothing is read first. */
    reserve: (ctx: Context, mutation: Mutation, decide: Decide): Promise<{ reservedUntil: number }> =>
      once(ctx, db, products, mutation, () =>
        goOn(ctx, mutation, decide, () => crashPoint('product.after-reserve-stock'), undefined),
      ),

    commit: (ctx: Context, mutation: Mutation, orderId: string, decide: Decide) =>
      move(ctx, mutation, orderId, decide, () => crashPoint('product.after-commit-stock')),

    release: (ctx: Context, mutation: Mutation, orderId: string, decide: Decide) =>
      move(ctx, mutation, orderId, decide, () => crashPoint('product.after-release-stock')),
  };
};

/** The reservation is always the first row, its lines follow. A step that moves nothing must still be true when it is answered. */
const writeStep = ({ next, move }: Step, seen: Item | undefined): WriteOp[] => {
  const row = { ...keys.reservation(next.orderId), ...next };
  if (!move) return [check(products, row, eq('version', next.version))];
  const reservation = seen ? put(products, row, eq('version', next.version - 1)) : insert(products, row);
  return [reservation, ...next.lines.map((line) => moveStock(line, move))];
};

/** Numbers that sink are conditions: this is what keeps all three from falling below zero in any race. */
const moveStock = ({ productId, quantity }: StockLine, { onHand, reserved, available }: Move): WriteOp => {
  const change = { onHand: onHand * quantity, reserved: reserved * quantity, available: available * quantity };
  const sinking = Object.entries(change).filter(([, by]) => by < 0);
  return update(
    products,
    keys.stock(productId),
    { add: { ...change, version: 1 } },
    all(exists(), ...sinking.map(([number]) => gte(number, quantity))),
  );
};

/** The transaction failed, but not on the reservation: on stock lines (rows 1 to n), or only on the request row. */
const refusalOf = (failed: readonly { index: number; item?: Item }[], { next, move }: Step) => {
  const short = failed.flatMap(({ index, item }) => {
    const line = move && next.lines[index - 1];
    return line ? [{ productId: line.productId, stock: item && contentOf<Stock>(item) }] : [];
  });
  if (short.length === 0) return lostRace();
  // Units of a standing reservation are there by I2; if not, answering a refusal would hide the loss.
  return next.state === 'RESERVED'
    ? shortageOf(short)
    : new Error(`units of a reservation are missing: ${JSON.stringify(short)}`);
};

const eventOf = { RESERVED: stockReserved, COMMITTED: reservationCommitted, RELEASED: reservationReleased } as const;

/** Told when units move: not for a repetition, and not for a tombstone. */
const eventsOf = (ctx: Context, { next, move }: Step): OutboxRow[] => {
  const { orderId, state, lines, version, updatedAt } = next;
  if (!move || lines.length === 0) return [];
  const payload = { orderId, lines: lines.map(({ productId, quantity }) => ({ productId, quantity: BigInt(quantity) })) };
  return [outboxRow(eventOf[state], payload, { aggregateId: orderId, version, at: updatedAt, trace: ctx.trace })];
};
