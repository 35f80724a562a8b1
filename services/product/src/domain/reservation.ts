import { reservationMismatch, reservationNotFound, reservationReleased } from './errors.ts';
import { mergeLines, moves, type Move, type StockLine } from './stock.ts';

export type Reservation = {
  readonly orderId: string;
  /** RESERVED → COMMITTED → RELEASED, or RESERVED → RELEASED. A tombstone is RELEASED from the start and has no lines. */
  readonly state: 'RESERVED' | 'COMMITTED' | 'RELEASED';
  /** Merged; see mergeLines. */
  readonly lines: readonly StockLine[];
  /** Until when the order may count on it, in epoch milliseconds. Not the TTL: a live reservation must never vanish. */
  readonly reservedUntil: number;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** A change of state and what it does to each unit of the lines. */
export interface Step {
  readonly next: Reservation;
  readonly move: Move;
}

const DEFAULT_TTL_SECONDS = 900;

export const newReservation = (
  wish: { orderId: string; lines: readonly StockLine[]; ttlSeconds: number },
  now: number,
): Reservation => ({
  orderId: wish.orderId,
  state: 'RESERVED',
  lines: mergeLines(wish.lines),
  reservedUntil: now + (wish.ttlSeconds || DEFAULT_TTL_SECONDS) * 1000,
  version: 1,
  createdAt: now,
  updatedAt: now,
});

/** Remembers a release that came before its reservation, so that the late reservation is refused. */
export const tombstone = (orderId: string, now: number): Reservation => ({
  ...newReservation({ orderId, lines: [], ttlSeconds: 0 }, now),
  state: 'RELEASED',
  reservedUntil: now,
});

/** The answer to a wish whose order has a reservation already: that one. Throws RESERVATION_RELEASED or RESERVATION_MISMATCH. */
export const sameReservation = (earlier: Reservation, wish: Reservation): Reservation => {
  if (earlier.state === 'RELEASED') throw reservationReleased(wish.orderId);
  const same =
    earlier.lines.length === wish.lines.length &&
    earlier.lines.every((line, i) => line.productId === wish.lines[i]?.productId && line.quantity === wish.lines[i]?.quantity);
  if (!same) throw reservationMismatch(wish.orderId);
  return earlier;
};

/**
 * Undefined when it is a sale already. A reservation whose time is up can still be sold: its units stay reserved until they
 * are released. Throws RESERVATION_NOT_FOUND or RESERVATION_RELEASED.
 */
export const commitStep = (orderId: string, reservation: Reservation | undefined, now: number): Step | undefined => {
  if (!reservation) throw reservationNotFound(orderId);
  switch (reservation.state) {
    case 'RESERVED':
      return { next: moved(reservation, 'COMMITTED', now), move: moves.commit };
    case 'COMMITTED':
      return undefined;
    case 'RELEASED':
      throw reservationReleased(orderId);
  }
};

/** Undefined when it was released already. */
export const releaseStep = (orderId: string, reservation: Reservation | undefined, now: number): Step | undefined => {
  if (!reservation) return { next: tombstone(orderId, now), move: moves.release };
  switch (reservation.state) {
    case 'RESERVED':
      return { next: moved(reservation, 'RELEASED', now), move: moves.release };
    case 'COMMITTED':
      return { next: moved(reservation, 'RELEASED', now), move: moves.restock };
    case 'RELEASED':
      return undefined;
  }
};

const moved = (reservation: Reservation, state: Reservation['state'], now: number): Reservation => ({
  ...reservation,
  state,
  version: reservation.version + 1,
  updatedAt: now,
});
