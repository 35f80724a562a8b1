import { backoffMs, crashPoint, pause, type Context, type Mutation } from '@plaza/core';
import { lostRace, once, requestRow, type Db, type Item } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import type { Reservation, Step } from '../domain/reservation.ts';
import { isShort, type Stock, type StockLine } from '../domain/stock.ts';
import { bind, failedLines, refusalOf, sharedRefusal } from './failed-lines.ts';
import type { Lanes, Rank } from './lanes.ts';
import { eventRows, stepEvents, stepRows } from './reservation-rows.ts';
import type { Moment, Shortages } from './shortages.ts';
import { contentOf, keys, products } from './table.ts';

/** How the reservation goes on from what the table holds; undefined: the order is unknown. Throws refusals. */
export type Decide = (reservation: Reservation | undefined) => Step;

/** As Decide; undefined: it is to stay as it is. */
export type DecideOrLeave = (reservation: Reservation | undefined) => Step | undefined;

/** Unknown, RESERVED, COMMITTED, RELEASED: a reservation moves three times at most, so that nobody loses more often. */
const MAX_MOVES = 4;
/** Each lost race for the turn of a product means that another order moved that product's stock. */
const MAX_TRIES = 30;

export type ReservationStore = ReturnType<typeof createReservationStore>;

interface Parts {
  readonly db: Db;
  readonly relay: Pick<Relay, 'nudge'>;
  readonly lanes: Lanes;
  readonly shortages: Shortages;
}

/** Who moves the reservation, besides deciding how. */
interface Mover {
  readonly rank: Rank;
  /** Absent for what no caller asked for. */
  readonly mutation?: Mutation;
  readonly written: () => void;
}

/** How one decision ended. */
type End =
  | { readonly done: true }
  /** The reservation had moved meanwhile, and is this now. */
  | { readonly overtaken: Item | undefined }
  /** Somebody else was told that there is too little, after this call had begun to wait. */
  | { readonly refusal: Error };

export const createReservationStore = ({ db, relay, lanes, shortages }: Parts) => {
  const read = (ctx: Context, orderId: string) => db.get(ctx, products, keys.reservation(orderId));

  /** Writes the step that was decided on `seen`. */
  const carryOut = async (ctx: Context, step: Step, seen: Item | undefined, { mutation, written }: Mover): Promise<End> => {
    // Products of which the last unit goes, or the first one comes: known from the rows that come back.
    const turning = new Map<string, Stock>();
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const events = stepEvents(ctx, step, turning);
      const reply = { reservedUntil: step.next.reservedUntil };
      const sent = shortages.now();
      const result = await db.transact(ctx, [
        ...stepRows(step, seen, turning),
        ...eventRows(events),
        ...(mutation ? [requestRow(products, mutation, reply)] : []),
      ]);
      if (result.ok) {
        written();
        relay.nudge(events);
        return { done: true };
      }
      const overtaken = result.failed.find(({ index }) => index === 0);
      if (overtaken) return { overtaken: overtaken.item };
      const failed = failedLines(step, result.failed);
      for (const { line, stock } of failed) shortages.note(line.productId, sent, stock);
      if (failed.length === 0) throw lostRace();
      const short = failed.filter(({ line, stock }) => isShort(stock, step.move!, line.quantity));
      if (short.length > 0) throw refusalOf(short, step);
      for (const { line, stock } of failed) bind(turning, step, line, stock!);
      await pause(backoffMs(tries, 2, 50), ctx.signal);
    }
    throw lostRace();
  };

  /** Takes the step that is decided on `seen`, if the table still says so; else decides again on what it says now. */
  const goOn = async (ctx: Context, decide: DecideOrLeave, mover: Mover, first: Item | undefined, begun?: Moment) => {
    let seen = first;
    for (let moves = 0; moves < MAX_MOVES; moves++) {
      const step = decide(seen && contentOf<Reservation>(seen));
      if (!step) return undefined;
      const touched = step.move ? step.next.lines.map(({ productId }) => productId) : [];
      // In line for the whole of one decision: who saw that a product turns goes on at once, and nobody of this process comes between.
      const end = await lanes.run<End>(touched, mover.rank, async () => {
        const refusal = begun === undefined ? undefined : sharedRefusal(shortages, step, begun);
        return refusal ? { refusal } : carryOut(ctx, step, seen, mover);
      });
      if ('done' in end) return { reservedUntil: step.next.reservedUntil };
      if ('overtaken' in end) seen = end.overtaken;
      else {
        // Looked up where nobody waits for it.
        seen = await read(ctx, step.next.orderId);
        if (!seen) throw end.refusal;
      }
    }
    throw lostRace();
  };

  const settle = (ctx: Context, mutation: Mutation, orderId: string, decide: Decide, written: () => void) =>
    once(ctx, db, products, mutation, async () => {
      const seen = await read(ctx, orderId);
      return (await goOn(ctx, decide, { rank: 'settle', mutation, written }, seen))!;
    });

  return {
    /** Past every cache. */
    async get(ctx: Context, orderId: string): Promise<Reservation | undefined> {
      const item = await read(ctx, orderId);
      return item && contentOf<Reservation>(item);
    },

    /** Reserves all lines or none; answers until when (epoch milliseconds). Nearly always the order is new: nothing is read first. */
    reserve(ctx: Context, mutation: Mutation, lines: readonly StockLine[], decide: Decide): Promise<{ reservedUntil: number }> {
      const begun = shortages.now();
      const written = () => crashPoint('product.after-reserve-stock');
      // Outside of `once`, which reads: who is turned away because too many wait is to cost nothing.
      lanes.assertRoom(
        lines.map(({ productId }) => productId),
        'take',
      );
      return once(
        ctx,
        db,
        products,
        mutation,
        async () => (await goOn(ctx, decide, { rank: 'take', mutation, written }, undefined, begun))!,
      );
    },

    commit: (ctx: Context, mutation: Mutation, orderId: string, decide: Decide) =>
      settle(ctx, mutation, orderId, decide, () => crashPoint('product.after-commit-stock')),

    release: (ctx: Context, mutation: Mutation, orderId: string, decide: Decide) =>
      settle(ctx, mutation, orderId, decide, () => crashPoint('product.after-release-stock')),

    /** Whether the reservation expired by this. Nobody asked for it, so that nobody repeats it by a request id: its state tells. */
    async expire(ctx: Context, orderId: string, decide: DecideOrLeave): Promise<boolean> {
      const written = () => crashPoint('product.after-expire');
      return (await goOn(ctx, decide, { rank: 'settle', written }, await read(ctx, orderId))) !== undefined;
    },
  };
};
