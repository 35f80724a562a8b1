import { mutationOf } from '@plaza/core';

import { without } from '../domain/cart.ts';
import type { CartHandlers, Deps } from './index.ts';

export const removeCartItem =
  ({ carts }: Pick<Deps, 'carts'>): CartHandlers['removeCartItem'] =>
  async (ctx, request) => {
    const { userId, productId, requestId } = request;
    await carts.change(ctx, mutationOf(ctx, requestId, request), userId, (items) => without(items, productId));
    return {};
  };
