import { reservationNotFound } from '../domain/errors.ts';
import { toReservationMessage } from '../mapping.ts';
import type { InventoryDeps, InventoryHandlers } from './index.ts';

export const getReservation =
  ({ reservations }: InventoryDeps): InventoryHandlers['getReservation'] =>
  async (ctx, { orderId }) => {
    const reservation = await reservations.get(ctx, orderId);
    if (!reservation) throw reservationNotFound(orderId);
    return { reservation: toReservationMessage(reservation) };
  };
