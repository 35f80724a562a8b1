import { stockToTell } from '../domain/stock.ts';
import { toStockMessage } from '../mapping.ts';
import type { InventoryDeps, InventoryHandlers } from './index.ts';

export const getStock =
  ({ products, stock }: InventoryDeps): InventoryHandlers['getStock'] =>
  async (ctx, { productId }) => {
    const [product, stocks] = await Promise.all([products.load(ctx, productId), stock.load(ctx, [productId])]);
    return { stock: toStockMessage(stockToTell(productId, product, stocks.get(productId), ctx.caller)) };
  };
