import { callerKey, mutationOf } from '@plaza/core';

import { adjusted } from '../domain/stock.ts';
import { toStockMessage } from '../mapping.ts';
import type { InventoryDeps, InventoryHandlers } from './index.ts';

export const adjustStock =
  ({ stock, now, newId }: InventoryDeps): InventoryHandlers['adjustStock'] =>
  async (ctx, request) => {
    const { productId, reason } = request;
    const delta = Number(request.delta);
    const by = callerKey(ctx.caller);
    const movement = { movementId: newId(), productId, kind: 'CORRECTION', delta, reason, by, at: now() } as const;
    const left = await stock.adjust(ctx, mutationOf(ctx, request.requestId, request), movement, (product, current) =>
      adjusted(productId, product, current, ctx.caller, delta),
    );
    return { stock: toStockMessage(left) };
  };
