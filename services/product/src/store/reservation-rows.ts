import type { Context } from '@plaza/core';
import { check, eq, insert, put, ttl, type Item, type WriteOp } from '@plaza/dynamo';
import {
  outboxRow,
  reservationCommitted,
  reservationExpired,
  reservationReleased,
  stockReserved,
  type OutboxRow,
} from '@plaza/events';

import type { Reservation, Step } from '../domain/reservation.ts';
import { moves, turnOf, type Stock } from '../domain/stock.ts';
import { moveStock, turnEvent, type About } from './stock-rows.ts';
import { dueKeys, keys, products } from './table.ts';

/** Longer than any late reserve may come: what is kept after the end only keeps such a one from taking units. */
const KEPT_SECONDS = 30 * 24 * 3600;

/** What stands is in the index of what may fall due; what ended may vanish. What stands never does, nor what was sold. */
const reservationRow = (reservation: Reservation): Item => {
  const { orderId, state, reservedUntil, updatedAt } = reservation;
  const ended = state === 'RELEASED' || state === 'EXPIRED';
  return {
    ...keys.reservation(orderId),
    ...reservation,
    ...(state === 'RESERVED' && dueKeys(orderId, reservedUntil)),
    ...(ended && { expiresAt: ttl(updatedAt, KEPT_SECONDS) }),
  };
};

/** The reservation is always the first row, its lines follow. A step that moves nothing must still be true when it is answered. */
export const stepRows = ({ next, move }: Step, seen: Item | undefined, turning: ReadonlyMap<string, Stock>): WriteOp[] => {
  const row = reservationRow(next);
  if (!move) return [check(products, row, eq('version', next.version))];
  const reservation = seen ? put(products, row, eq('version', next.version - 1)) : insert(products, row);
  return [reservation, ...next.lines.map((line) => moveStock(line, move, turning.get(line.productId)))];
};

/** Told when units move: not for a repetition, and not for a tombstone. And what these moves mean to those who wait for a product. */
export const stepEvents = (ctx: Context, { next, move }: Step, turning: ReadonlyMap<string, Stock>): OutboxRow[] => {
  const { orderId, lines, version, updatedAt } = next;
  if (!move || lines.length === 0) return [];
  const about = { aggregateId: orderId, version, at: updatedAt, trace: ctx.trace };
  const turned = lines.flatMap(({ productId, quantity }) => {
    const stock = turning.get(productId);
    return stock && turnOf(stock.available, stock.available + move.available * quantity) ? [stock] : [];
  });
  const turn = move.available < 0 ? 'DEPLETED' : 'RESTOCKED';
  return [movedEvent(next, move === moves.restock, about), ...(turned.length > 0 ? [turnEvent(turn, turned, about)] : [])];
};

const movedEvent = ({ orderId, state, lines }: Reservation, sold: boolean, about: About): OutboxRow => {
  const payload = { orderId, lines: lines.map(({ productId, quantity }) => ({ productId, quantity: BigInt(quantity) })) };
  switch (state) {
    case 'RESERVED':
      return outboxRow(stockReserved, payload, about);
    case 'COMMITTED':
      return outboxRow(reservationCommitted, payload, about);
    case 'RELEASED':
      return outboxRow(reservationReleased, { ...payload, sold }, about);
    case 'EXPIRED':
      return outboxRow(reservationExpired, payload, about);
  }
};

/** As inserts, for the transaction of the step. */
export const eventRows = (events: readonly OutboxRow[]): WriteOp[] => events.map((event) => insert(products, event));
