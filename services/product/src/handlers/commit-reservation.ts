import { mutationOf } from '@plaza/core';

import { commitStep } from '../domain/reservation.ts';
import type { InventoryDeps, InventoryHandlers } from './index.ts';

export const commitReservation =
  ({ reservations, now }: InventoryDeps): InventoryHandlers['commitReservation'] =>
  async (ctx, request) => {
    const { orderId, requestId } = request;
    await reservations.commit(ctx, mutationOf(ctx, requestId, request), orderId, (seen) => commitStep(orderId, seen, now()));
    return {};
  };
