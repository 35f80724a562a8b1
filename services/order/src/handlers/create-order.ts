import { mutationOf, type Context } from '@plaza/core';
import type { CreateOrderRequest } from '@plaza/proto/plaza/order/v1/order_service';

import type { CartItems } from '../domain/cart.ts';
import { linesBesideCart, orderRefused } from '../domain/errors.ts';
import { newOrder } from '../domain/new-order.ts';
import { isOpen, type Order } from '../domain/order.ts';
import { assertAffordable, assertInStock } from '../domain/preview.ts';
import { toAmount, toMessage, toPreview, toWish } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

export const createOrder = (deps: Deps): OrderHandlers['createOrder'] => {
  const { orders, saga, carts, catalogue, wallets, now, newId } = deps;

  /** The order at the prices of now, of the request's lines or of what is in the cart, and what the catalogue says of its products. */
  const price = async (ctx: Context, request: CreateOrderRequest, items?: CartItems) => {
    const wish = toWish(newId(), request, items);
    const productIds = new Set(wish.lines.map(({ productId }) => productId));
    const offers = await catalogue(ctx, [...productIds]);
    return { order: newOrder(wish, offers, now()), offers };
  };

  const accept = (ctx: Context, request: CreateOrderRequest): Promise<Order> => {
    const mutation = mutationOf(ctx, request.requestId, request);
    const make = async (items?: CartItems) => (await price(ctx, request, items)).order;
    return request.fromCart
      ? orders.createFromCart(ctx, mutation, request.userId, make)
      : orders.create(ctx, mutation, () => make());
  };

  /** What would happen, without effect: the refusals in the order in which they would come. */
  const preview = async (ctx: Context, request: CreateOrderRequest): Promise<Order> => {
    const { userId, fromCart } = request;
    const cart = fromCart ? await carts.get(ctx, userId) : undefined;
    const { order, offers } = await price(ctx, request, cart?.items);
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
