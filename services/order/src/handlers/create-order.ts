import { mutationOf, type Context } from '@plaza/core';
import type { CreateOrderRequest } from '@plaza/proto/plaza/order/v1/order_service';

import { lineOf, type CartItems } from '../domain/cart.ts';
import { linesBesideCart, orderRefused } from '../domain/errors.ts';
import { newOrder } from '../domain/new-order.ts';
import { isOpen, type Order } from '../domain/order.ts';
import { assertAffordable, assertInStock } from '../domain/preview.ts';
import { mergeLines, type Wish } from '../domain/wish.ts';
import { toAmount, toMessage, toPreview, toWish } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const createOrder = (deps: Deps): OrderHandlers['createOrder'] => {
  const { orders, saga, carts, catalogue, wallets, now, newId } = deps;

  const price = async (ctx: Context, wish: Wish) => {
    const offers = await catalogue(
      ctx,
      mergeLines(wish.lines).map(({ productId }) => productId),
    );
    return { order: newOrder(wish, offers, now()), offers };
  };
  const priceCart = (ctx: Context, request: CreateOrderRequest, items: CartItems) =>
    price(ctx, { ...toWish(newId(), request), lines: Object.entries(items).map(lineOf) });

  const accept = (ctx: Context, request: CreateOrderRequest): Promise<Order> => {
    const mutation = mutationOf(ctx, request.requestId, request);
    if (!request.fromCart) return orders.create(ctx, mutation, async () => (await price(ctx, toWish(newId(), request))).order);
    return orders.createFromCart(ctx, mutation, request.userId, async (items) => (await priceCart(ctx, request, items)).order);
  };

  /** What would happen: the refusals in the order in which they would come. Writes nothing. */
  const preview = async (ctx: Context, request: CreateOrderRequest): Promise<Order> => {
    const { userId, fromCart } = request;
    const { order, offers } = fromCart
      ? await priceCart(ctx, request, (await carts.get(ctx, userId)).items)
      : await price(ctx, toWish('', request));
    await orders.assertNotErased(ctx, userId);
    assertInStock(order, offers);
    const { wallet } = await wallets.getWallet(ctx, { userId });
    assertAffordable(order, toAmount(wallet?.available, 'available'));
    return order;
  };

  return async (ctx, request) => {
    if (request.fromCart && request.lines.length > 0) throw linesBesideCart();
    if (request.validateOnly) return { order: toPreview(await preview(ctx, request)) };
    const accepted = await accept(ctx, request);
    const order = isOpen(accepted) ? await saga.untilAnswered(ctx, accepted) : accepted;
    if (order.failure) throw orderRefused(order.orderId, order.failure);
    return { order: toMessage(order) };
  };
};
