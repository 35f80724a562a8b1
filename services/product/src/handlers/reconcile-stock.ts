import { toStockCountMessage } from '../mapping.ts';
import type { InventoryDeps, InventoryHandlers } from './index.ts';

export const reconcileStock =
  ({ audit }: InventoryDeps): InventoryHandlers['reconcileStock'] =>
  async (ctx, request) => {
    const productIds = [...new Set(request.productIds)];
    const counts = await audit.count(ctx, productIds);
    return { counts: productIds.flatMap((productId) => counts.get(productId) ?? []).map(toStockCountMessage) };
  };
