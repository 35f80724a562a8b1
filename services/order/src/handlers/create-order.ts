import { mutationOf } from '@plaza/core';

import { orderRefused } from '../domain/errors.ts';
import { mergeLines, newOrder, type Wish, type WishLine } from '../domain/new-order.ts';
import { isOpen } from '../domain/order.ts';
import { toMessage, toOffer, toWish } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const createOrder =
  ({ orders, saga, products, now, newId }: Deps): OrderHandlers['createOrder'] =>
  async (ctx, request) => {
    const catalogueOf = async (lines: readonly WishLine[]) => {
      if (lines.length === 0) return [];
      const productIds = mergeLines(lines).map(({ productId }) => productId);
      return (await products.batchGetProducts(ctx, { productIds })).products.map(toOffer);
    };
    const priced = async (wish: Wish) => newOrder(wish, await catalogueOf(wish.lines), now());

    const accepted = await orders.create(ctx, mutationOf(ctx, request.requestId, request), () =>
      priced(toWish(newId(), request)),
    );
    const order = isOpen(accepted) ? await saga.untilAnswered(ctx, accepted) : accepted;
    if (order.failure) throw orderRefused(order.orderId, order.failure);
    return { order: toMessage(order) };
  };
