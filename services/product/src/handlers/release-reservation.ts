import { mutationOf } from '@plaza/core';

import { releaseStep } from '../domain/reservation.ts';
import type { InventoryDeps, InventoryHandlers } from './index.ts';

export const releaseReservation =
  ({ reservations, now }: InventoryDeps): InventoryHandlers['releaseReservation'] =>
  async (ctx, request) => {
    const { orderId, requestId } = request;
    await reservations.release(ctx, mutationOf(ctx, requestId, request), orderId, (seen) => releaseStep(orderId, seen, now()));
    return {};
  };
