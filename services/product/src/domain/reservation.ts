import { reservationExpired, reservationMismatch, reservationNotFound, reservationReleased } from './errors.ts';
import { mergeLines, moves, type Move, type StockLine } from './stock.ts';

export type Reservation = {
  readonly orderId: string;
  /**
   * RESERVED → COMMITTED → RELEASED, RESERVED → RELEASED, or RESERVED → EXPIRED. A tombstone is RELEASED from the start and has no
   * lines.
   */
  readonly state: 'RESERVED' | 'COMMITTED' | 'RELEASED' | 'EXPIRED';
  /** Merged; see mergeLines. */
  readonly lines: readonly StockLine[];
  /** Until when the order may count on it, in epoch milliseconds. Not the TTL: a live reservation must never vanish. */
  readonly reservedUntil: number;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** How a reservation goes on: to `next`, moving each unit of its lines, or, without a move, it stands as it is. */
export interface Step {
  readonly next: Reservation;
  readonly move?: Move;
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

/**
 * An order reserves once; the same wish again is answered by that. Throws RESERVATION_RELEASED, RESERVATION_EXPIRED or
 * RESERVATION_MISMATCH.
 */
export const reserveStep = (wish: Reservation, earlier: Reservation | undefined): Step => {
  if (!earlier) return { next: wish, move: moves.reserve };
  if (earlier.state === 'RELEASED') throw reservationReleased(wish.orderId);
  if (earlier.state === 'EXPIRED') throw reservationExpired(wish.orderId);
  if (!sameLines(earlier.lines, wish.lines)) throw reservationMismatch(wish.orderId);
  return { next: earlier };
};

/**
 * A reservation whose time is up can still be sold while nobody has taken its units back. Throws RESERVATION_NOT_FOUND,
 * RESERVATION_RELEASED or RESERVATION_EXPIRED.
 */
export const commitStep = (orderId: string, reservation: Reservation | undefined, now: number): Step => {
  if (!reservation) throw reservationNotFound(orderId);
  switch (reservation.state) {
    case 'RESERVED':
      return { next: moved(reservation, 'COMMITTED', now), move: moves.commit };
    case 'COMMITTED':
      return { next: reservation };
    case 'RELEASED':
      throw reservationReleased(orderId);
    case 'EXPIRED':
      throw reservationExpired(orderId);
  }
};

/** Gives back what is held: reserved units, or sold ones. Never refuses. */
export const releaseStep = (orderId: string, reservation: Reservation | undefined, now: number): Step => {
  if (!reservation) return { next: tombstone(orderId, now), move: moves.release };
  switch (reservation.state) {
    case 'RESERVED':
      return { next: moved(reservation, 'RELEASED', now), move: moves.release };
    case 'COMMITTED':
      return { next: moved(reservation, 'RELEASED', now), move: moves.restock };
    case 'RELEASED':
    case 'EXPIRED':
      return { next: reservation };
  }
};

/** Takes back what the order did not come for in time; undefined when there is nothing to take back, or not yet. */
export const expireStep = (reservation: Reservation | undefined, now: number): Step | undefined => {
  if (reservation?.state !== 'RESERVED' || reservation.reservedUntil > now) return undefined;
  return { next: moved(reservation, 'EXPIRED', now), move: moves.release };
};

/** Both merged, so that equal lists are equal wishes. */
const sameLines = (a: readonly StockLine[], b: readonly StockLine[]): boolean =>
  a.length === b.length && a.every((line, i) => line.productId === b[i]?.productId && line.quantity === b[i]?.quantity);

const moved = (reservation: Reservation, state: Reservation['state'], now: number): Reservation => ({
  ...reservation,
  state,
  version: reservation.version + 1,
  updatedAt: now,
});
