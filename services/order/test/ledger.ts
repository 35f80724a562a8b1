import { AppError } from '@plaza/core';

/** What the peers know, as small as it can be: the truth that orders are checked against. */
export interface Reservation {
  state: 'RESERVED' | 'COMMITTED' | 'RELEASED' | 'EXPIRED';
  lines: readonly { productId: string; quantity: number }[];
}

export interface Share {
  readonly userId: string;
  readonly minor: number;
}

export interface Hold {
  state: 'HELD' | 'CAPTURED' | 'RELEASED';
  buyerId: string;
  minor: number;
  payouts?: readonly Share[];
}

/** The verdict on one refund. */
export interface Verdict {
  readonly orderId: string;
  readonly parts: readonly Share[];
  /** Nothing was moved. */
  readonly refused?: AppError;
}

export interface LedgerOptions {
  readonly stock: Readonly<Record<string, number>>;
  readonly money: Readonly<Record<string, number>>;
  /** Seeded bug, to see that the checks would find it: releasing the unknown leaves no tombstone. */
  readonly noTombstones?: boolean;
  /** Seeded bug: a refund that was refused may still be made by a repetition that comes late. */
  readonly noVerdicts?: boolean;
}

export type Ledger = ReturnType<typeof createLedger>;

/** Stock and money with the rules that the protos promise: each call may be repeated, and a release comes before or after. */
export const createLedger = ({ stock, money, noTombstones = false, noVerdicts = false }: LedgerOptions) => {
  const available = new Map(Object.entries(stock));
  const balance = new Map(Object.entries(money));
  const reservations = new Map<string, Reservation>();
  const holds = new Map<string, Hold>();
  const refunds = new Map<string, Verdict>();
  const shift = (book: Map<string, number>, key: string, by: number) => book.set(key, (book.get(key) ?? 0) + by);
  const giveBack = (orderId: string, reservation: Reservation | undefined, state: 'RELEASED' | 'EXPIRED'): void => {
    for (const { productId, quantity } of reservation?.lines ?? []) shift(available, productId, quantity);
    reservations.set(orderId, { state, lines: [] });
  };

  return {
    available,
    balance,
    reservations,
    holds,
    refunds,

    reserve(orderId: string, lines: Reservation['lines']): void {
      const first = reservations.get(orderId);
      if (first?.state === 'RELEASED' || first?.state === 'EXPIRED') throw over(first.state);
      if (first) return;
      const short = lines.filter(({ productId, quantity }) => (available.get(productId) ?? 0) < quantity);
      if (short.length > 0) throw refusal('plaza.product', 'INSUFFICIENT_STOCK', { [short[0]!.productId]: '0' });
      for (const { productId, quantity } of lines) shift(available, productId, -quantity);
      reservations.set(orderId, { state: 'RESERVED', lines });
    },
    commit(orderId: string): void {
      const reservation = reservations.get(orderId);
      if (!reservation) throw refusal('plaza.product', 'RESERVATION_NOT_FOUND');
      if (reservation.state === 'RELEASED' || reservation.state === 'EXPIRED') throw over(reservation.state);
      reservation.state = 'COMMITTED';
    },
    release(orderId: string): void {
      const reservation = reservations.get(orderId);
      if (reservation?.state === 'RELEASED' || reservation?.state === 'EXPIRED') return;
      if (!reservation && noTombstones) return;
      giveBack(orderId, reservation, 'RELEASED');
    },
    /** Time ran out for what was not committed. */
    expire(): void {
      for (const [orderId, reservation] of reservations)
        if (reservation.state === 'RESERVED') giveBack(orderId, reservation, 'EXPIRED');
    },

    hold(orderId: string, buyerId: string, minor: number): void {
      const first = holds.get(orderId);
      if (first?.state === 'RELEASED') throw refusal('plaza.user', 'HOLD_RELEASED');
      if (first) return;
      if ((balance.get(buyerId) ?? 0) < minor) throw refusal('plaza.user', 'INSUFFICIENT_FUNDS');
      shift(balance, buyerId, -minor);
      holds.set(orderId, { state: 'HELD', buyerId, minor });
    },
    capture(orderId: string, payouts: readonly Share[]): void {
      const hold = holds.get(orderId);
      if (!hold) throw refusal('plaza.user', 'HOLD_NOT_FOUND');
      if (hold.state === 'RELEASED') throw refusal('plaza.user', 'HOLD_RELEASED');
      const sum = payouts.reduce((total, { minor }) => total + minor, 0);
      if (sum !== hold.minor || (hold.payouts && !same(hold.payouts, payouts))) throw refusal('plaza.user', 'PAYOUTS_INVALID');
      if (hold.state === 'CAPTURED') return;
      hold.state = 'CAPTURED';
      hold.payouts = payouts;
      for (const { userId, minor } of payouts) shift(balance, userId, minor);
    },
    releaseHold(orderId: string): void {
      const hold = holds.get(orderId);
      if (hold?.state === 'CAPTURED') throw refusal('plaza.user', 'HOLD_CAPTURED');
      if (hold?.state === 'RELEASED' || (!hold && noTombstones)) return;
      if (hold) shift(balance, hold.buyerId, hold.minor);
      holds.set(orderId, { state: 'RELEASED', buyerId: '', minor: 0 });
    },
    refund(orderId: string, refundId: string, parts: readonly Share[]): void {
      const hold = holds.get(orderId);
      if (!hold) throw refusal('plaza.user', 'HOLD_NOT_FOUND');
      if (hold.state !== 'CAPTURED') throw refusal('plaza.user', 'HOLD_NOT_CAPTURED');
      const first = refunds.get(refundId);
      if (first && !same(first.parts, parts)) throw refusal('plaza.user', 'REFUND_INVALID');
      if (first?.refused) throw first.refused;
      if (first) return;
      const back = [...refunds.values()].filter((verdict) => verdict.orderId === orderId && !verdict.refused);
      const of = (shares: readonly Share[], id: string) =>
        shares.reduce((sum, { userId, minor }) => sum + (userId === id ? minor : 0), 0);
      const given = back.flatMap((verdict) => verdict.parts);
      const excess = parts.some(({ userId, minor }) => minor > of(hold.payouts ?? [], userId) - of(given, userId));
      if (excess) throw refusal('plaza.user', 'REFUND_INVALID');
      const short = parts.find(({ userId, minor }) => (balance.get(userId) ?? 0) < minor);
      if (short) {
        const refused = refusal('plaza.user', 'INSUFFICIENT_FUNDS', { user_id: short.userId });
        if (!noVerdicts) refunds.set(refundId, { orderId, parts, refused });
        throw refused;
      }
      refunds.set(refundId, { orderId, parts });
      for (const { userId, minor } of parts) {
        shift(balance, userId, -minor);
        shift(balance, hold.buyerId, minor);
      }
    },
  };
};

const same = (a: readonly Share[], b: readonly Share[]): boolean =>
  a.length === b.length && a.every(({ userId, minor }) => b.some((other) => other.userId === userId && other.minor === minor));

const over = (state: 'RELEASED' | 'EXPIRED'): AppError => refusal('plaza.product', `RESERVATION_${state}`);

const refusal = (domain: string, reason: string, metadata: Record<string, string> = {}) =>
  new AppError('FAILED_PRECONDITION', reason, `refused: ${reason}`, { domain, metadata });
