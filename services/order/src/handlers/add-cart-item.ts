import { mutationOf } from '@plaza/core';

import { withMore } from '../domain/cart.ts';
import { toItemMessage } from '../mapping.ts';
import type { CartHandlers, Deps } from './index.ts';

export const addCartItem =
  ({ carts, catalogue, now }: Pick<Deps, 'carts' | 'catalogue' | 'now'>): CartHandlers['addCartItem'] =>
  async (ctx, request) => {
    const { userId, productId } = request;
    const wanted = { userId, productId, quantity: Number(request.quantity) };
    const item = await carts.change(ctx, mutationOf(ctx, request.requestId, request), userId, async (items) => {
      const [offer] = await catalogue(ctx, [productId]);
      return withMore(items, wanted, offer, now());
    });
    return { item: item ? toItemMessage(productId, item) : undefined };
  };
