import { mutationOf } from '@plaza/core';

import { newReservation, reserveStep } from '../domain/reservation.ts';
import type { InventoryDeps, InventoryHandlers } from './index.ts';

export const reserveStock =
  ({ reservations, now }: InventoryDeps): InventoryHandlers['reserveStock'] =>
  async (ctx, request) => {
    const { orderId, ttlSeconds } = request;
    const lines = request.lines.map(({ productId, quantity }) => ({ productId, quantity: Number(quantity) }));
    const wish = newReservation({ orderId, lines, ttlSeconds }, now());
    const mutation = mutationOf(ctx, request.requestId, request);
    const { reservedUntil } = await reservations.reserve(ctx, mutation, wish.lines, (earlier) => reserveStep(wish, earlier));
    return { expireTime: new Date(reservedUntil) };
  };
