import { backoffMs, crashPoint, pause, type Context, type Mutation } from '@plaza/core';
import { lostRace, once, requestRow, type Db, type Item } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import type { Reservation, Step } from '../domain/reservation.ts';
import { isShort, type Stock, type StockLine } from '../domain/stock.ts';
import { bind, failedLines, refusalOf, sharedRefusal } from './failed-lines.ts';
import type { Lanes, Rank } from './lanes.ts';
import { createLookUps } from './look-ups.ts';
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
  /** Somebody else was told that there is too little, after this call had begun to wait. And the reservation, if there is one. */
  | { readonly refusal: Error; readonly found: Item | undefined };

/** How all of it ended; `left`: nothing was to be done. */
type Outcome = { readonly reservedUntil: number } | { readonly refusal: Error } | 'left';

export const createReservationStore = ({ db, relay, lanes, shortages }: Parts) => {
  const lookUp = createLookUps(db);
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
  const goOn = async (
    ctx: Context,
    decide: DecideOrLeave,
    mover: Mover,
    first: Item | undefined,
    begun?: Moment,
  ): Promise<Outcome> => {
    let seen = first;
    for (let moves = 0; moves < MAX_MOVES; moves++) {
      const step = decide(seen && contentOf<Reservation>(seen));
      if (!step) return 'left';
      const touched = step.move ? step.next.lines.map(({ productId }) => productId) : [];
      // In line for the whole of one decision: who saw that a product turns goes on at once, and nobody of this process comes between.
      const end = await lanes.run<End>(touched, mover.rank, async (pass) => {
        const refusal = begun === undefined ? undefined : sharedRefusal(shortages, step, begun);
        if (!refusal) return carryOut(ctx, step, seen, mover);
        pass();
        return { refusal, found: await lookUp(ctx, step.next.orderId) };
      });
      if ('done' in end) return { reservedUntil: step.next.reservedUntil };
      if ('refusal' in end && !end.found) return end;
      seen = 'overtaken' in end ? end.overtaken : end.found;
    }
    throw lostRace();
  };

  const settle = (ctx: Context, mutation: Mutation, orderId: string, decide: Decide, written: () => void) =>
    once(ctx, db, products, mutation, async () =>
      replyOf(await goOn(ctx, decide, { rank: 'settle', mutation, written }, await read(ctx, orderId))),
    );

  return {
    /** Past every cache. */
    async get(ctx: Context, orderId: string): Promise<Reservation | undefined> {
      const item = await read(ctx, orderId);
      return item && contentOf<Reservation>(item);
    },

    /** Reserves all lines or none; answers until when (epoch milliseconds). Nearly always the order is new: nothing is read first. */
    async reserve(ctx: Context, mutation: Mutation, lines: readonly StockLine[], decide: Decide): Promise<Reply> {
      const begun = shortages.now();
      const productIds = lines.map(({ productId }) => productId);
      // Outside of `once`, which reads: who is turned away because too many wait is to cost nothing.
      lanes.assertRoom(productIds, 'take');
      let refusal: Error | undefined;
      const reply = await once<Reply | null>(ctx, db, products, mutation, async () => {
        const mover = { rank: 'take', mutation, written: () => crashPoint('product.after-reserve-stock') } as const;
        const outcome = await goOn(ctx, decide, mover, undefined, begun);
        if (outcome === 'left' || !('refusal' in outcome)) return replyOf(outcome);
        ({ refusal } = outcome);
        return null;
      });
      // Nor does this one need a look at the request: had it been applied before, the reservation would have been found.
      if (!reply) throw refusal!;
      return reply;
    },

    commit: (ctx: Context, mutation: Mutation, orderId: string, decide: Decide) =>
      settle(ctx, mutation, orderId, decide, () => crashPoint('product.after-commit-stock')),

    release: (ctx: Context, mutation: Mutation, orderId: string, decide: Decide) =>
      settle(ctx, mutation, orderId, decide, () => crashPoint('product.after-release-stock')),

    /** Whether the reservation expired by this. Nobody asked for it, so that nobody repeats it by a request id: its state tells. */
    async expire(ctx: Context, orderId: string, decide: DecideOrLeave): Promise<boolean> {
      const written = () => crashPoint('product.after-expire');
      return (await goOn(ctx, decide, { rank: 'settle', written }, await read(ctx, orderId))) !== 'left';
    },
  };
};

type Reply = { readonly reservedUntil: number };

const replyOf = (outcome: Outcome): Reply => {
  if (outcome === 'left') throw new Error('a caller asked for it, and nothing was done');
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome;
};
