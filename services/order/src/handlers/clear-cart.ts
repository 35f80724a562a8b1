import { mutationOf } from '@plaza/core';

import { emptied } from '../domain/cart.ts';
import type { CartHandlers, Deps } from './index.ts';

export const clearCart =
  ({ carts }: Pick<Deps, 'carts'>): CartHandlers['clearCart'] =>
  async (ctx, request) => {
    await carts.change(ctx, mutationOf(ctx, request.requestId, request), request.userId, emptied);
    return {};
  };
