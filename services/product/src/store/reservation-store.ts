import { crashPoint, type Context, type Mutation } from '@plaza/core';
import {
  all,
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
  type Value,
  type WriteOp,
} from '@plaza/dynamo';
import { outboxRow, reservationCommitted, reservationReleased, stockReserved, type OutboxRow, type Relay } from '@plaza/events';

import { sameReservation, type Reservation, type Step } from '../domain/reservation.ts';
import { moves, shortageOf, type Move, type Stock, type StockLine } from '../domain/stock.ts';
import { contentOf, keys, products } from './table.ts';

/** What a reservation's state is decided from: undefined when the order is unknown. Answers undefined when nothing is to do. */
export type Decide = (reservation: Reservation | undefined) => Step | undefined;

/** RESERVED, COMMITTED, RELEASED: a reservation moves three times at most, so that nobody loses more often. */
const MAX_TRIES = 4;

export type ReservationStore = ReturnType<typeof createReservationStore>;

export const createReservationStore = ({ db, relay }: { db: Db; relay: Pick<Relay, 'nudge'> }) => {
  /** The call changed nothing, but its answer is kept, so that a repetition gets it whatever happens until then. */
  const remember = async <R extends Value>(ctx: Context, mutation: Mutation, reply: R): Promise<R> => {
    const { ok } = await db.write(ctx, requestRow(products, mutation, reply));
    if (!ok) throw lostRace();
    return reply;
  };

  const moveOn = (ctx: Context, mutation: Mutation, orderId: string, decide: Decide, written: () => void): Promise<null> =>
    once(ctx, db, products, mutation, async () => {
      let seen = await db.get(ctx, products, keys.reservation(orderId));
      for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
        const step = decide(seen && contentOf<Reservation>(seen));
        if (!step) return remember(ctx, mutation, null);
        const events = eventsOf(ctx, step.next);
        const result = await db.transact(ctx, [
          storeNext(step.next, seen),
          ...step.next.lines.map((line) => moveStock(line, step.move)),
          ...events.map((event) => insert(products, event)),
          requestRow(products, mutation, null),
        ]);
        if (result.ok) {
          written();
          relay.nudge(events);
          return null;
        }
        const overtaken = result.failed.find(({ index }) => index === 0);
        if (!overtaken) throw stockOrRequest(result.failed, step.next);
        seen = overtaken.item;
      }
      throw lostRace();
    });

  return {
    /** Reserves all lines or none; answers until when. An order that has a reservation already gets that one's answer. */
    async reserve(ctx: Context, mutation: Mutation, wish: Reservation): Promise<number> {
      const { reservedUntil } = await once(ctx, db, products, mutation, async () => {
        const events = eventsOf(ctx, wish);
        const result = await db.transact(ctx, [
          insert(products, { ...keys.reservation(wish.orderId), ...wish }),
          ...wish.lines.map((line) => moveStock(line, moves.reserve)),
          ...events.map((event) => insert(products, event)),
          requestRow(products, mutation, { reservedUntil: wish.reservedUntil }),
        ]);
        if (result.ok) {
          crashPoint('product.after-reserve-stock');
          relay.nudge(events);
          return { reservedUntil: wish.reservedUntil };
        }
        const earlier = result.failed.find(({ index }) => index === 0)?.item;
        if (!earlier) throw stockOrRequest(result.failed, wish);
        const first = sameReservation(contentOf<Reservation>(earlier), wish);
        return remember(ctx, mutation, { reservedUntil: first.reservedUntil });
      });
      return reservedUntil;
    },

    commit: (ctx: Context, mutation: Mutation, orderId: string, decide: Decide) =>
      moveOn(ctx, mutation, orderId, decide, () => crashPoint('product.after-commit-stock')),

    release: (ctx: Context, mutation: Mutation, orderId: string, decide: Decide) =>
      moveOn(ctx, mutation, orderId, decide, () => crashPoint('product.after-release-stock')),
  };
};

const storeNext = (next: Reservation, seen: Item | undefined): WriteOp => {
  const row = { ...keys.reservation(next.orderId), ...next };
  return seen ? put(products, row, eq('version', next.version - 1)) : insert(products, row);
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
const stockOrRequest = (failed: readonly { index: number; item?: Item }[], { lines, state }: Reservation) => {
  const short = failed.flatMap(({ index, item }) => {
    const line = lines[index - 1];
    return line ? [{ productId: line.productId, stock: item && contentOf<Stock>(item) }] : [];
  });
  if (short.length === 0) return lostRace();
  // Units of a standing reservation are there by I2; if not, answering a refusal would hide the loss.
  return state === 'RESERVED' ? shortageOf(short) : new Error(`stock of a reservation is missing: ${JSON.stringify(short)}`);
};

const eventOf = { RESERVED: stockReserved, COMMITTED: reservationCommitted, RELEASED: reservationReleased } as const;

/** A tombstone moves no units and tells nobody. */
const eventsOf = (ctx: Context, { orderId, state, lines, version, updatedAt }: Reservation): OutboxRow[] => {
  if (lines.length === 0) return [];
  const payload = { orderId, lines: lines.map(({ productId, quantity }) => ({ productId, quantity: BigInt(quantity) })) };
  return [outboxRow(eventOf[state], payload, { aggregateId: orderId, version, at: updatedAt, trace: ctx.trace })];
};
