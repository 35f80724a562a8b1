import { mutationOf } from '@plaza/core';

import { withQuantity } from '../domain/cart.ts';
import { toItemMessage } from '../mapping.ts';
import type { CartHandlers, Deps } from './index.ts';

export const updateCartItem =
  ({ carts, catalogue }: Pick<Deps, 'carts' | 'catalogue'>): CartHandlers['updateCartItem'] =>
  async (ctx, request) => {
    const { userId, productId } = request;
    const wanted = { userId, productId, quantity: Number(request.quantity) };
    const item = await carts.change(ctx, mutationOf(ctx, request.requestId, request), userId, async (items) => {
      const [offer] = await catalogue(ctx, [productId]);
      return withQuantity(items, wanted, offer);
    });
    return { item: item ? toItemMessage(productId, item) : undefined };
  };
