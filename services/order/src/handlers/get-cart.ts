import { viewOf } from '../domain/cart-view.ts';
import { toCartMessage } from '../mapping.ts';
import type { CartHandlers, Deps } from './index.ts';

export const getCart =
  ({ carts, catalogue }: Pick<Deps, 'carts' | 'catalogue'>): CartHandlers['getCart'] =>
  async (ctx, { userId }) => {
    const { items, expiresAt } = await carts.get(ctx, userId);
    const view = viewOf(items, await catalogue(ctx, Object.keys(items)));
    return { cart: toCartMessage(userId, view, expiresAt) };
  };
