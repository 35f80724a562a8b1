import { newId } from '@plaza/core';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { replyLoser } from '../src/lost-replies.ts';
import { ADDRESS, startWorld, type World } from '../src/world.ts';

// As in replies.test.ts: the work is done, the reply is swallowed, the call is repeated with its id.
let world: World;
let losingTheReply: ReturnType<typeof replyLoser>;
beforeAll(async () => {
  world = await startWorld({ services: ['user', 'product', 'order'], proxies: ['order'] });
  losingTheReply = replyLoser(world);
});
afterAll(() => world?.close());

test('AddCartItem, UpdateCartItem, RemoveCartItem, ClearCart: each happens once', async () => {
  const buyer = await world.person();
  const { productId } = await world.shelf(5, 10);
  const { carts } = world.plaza.clients;
  const as = () => world.plaza.asUser(buyer);
  const wish = (requestId: string) => ({ userId: buyer, productId, quantity: 2n, requestId });
  const contents = async () => (await carts.getCart(as(), { userId: buyer })).cart!.lines.map(({ item }) => item!.quantity);
  const ids = [newId(), newId(), newId(), newId(), newId()] as const;
  await carts.addCartItem(as(), wish(ids[0]));
  const added = await losingTheReply('order', ids[1], () => carts.addCartItem(as(), wish(ids[1])));
  expect([added.item!.quantity, await contents()]).toEqual([4n, [4n]]);
  const set = await losingTheReply('order', ids[2], () => carts.updateCartItem(as(), wish(ids[2])));
  expect([set.item!.quantity, await contents()]).toEqual([2n, [2n]]);
  await losingTheReply('order', ids[3], () => carts.removeCartItem(as(), { userId: buyer, productId, requestId: ids[3] }));
  expect(await contents()).toEqual([]);
  await losingTheReply('order', ids[4], () => carts.clearCart(as(), { userId: buyer, requestId: ids[4] }));
});

test('CreateOrder from the cart: one order, and the cart is empty', async () => {
  const buyer = await world.person();
  const { productId } = await world.shelf(5, 10);
  await world.fund(buyer, 50);
  const { carts, orders } = world.plaza.clients;
  await carts.addCartItem(world.plaza.asUser(buyer), { userId: buyer, productId, quantity: 2n });
  const requestId = newId();
  const wish = { userId: buyer, fromCart: true, shippingAddress: ADDRESS, requestId };
  const { order } = await losingTheReply('order', requestId, () => orders.createOrder(world.plaza.asUser(buyer), wish));
  expect(order).toMatchObject({ state: OrderState.PAID, lines: [{ productId, quantity: 2n }] });
  await eventually(async () => expect(await world.wallet(buyer)).toEqual({ balance: 3_000n, available: 3_000n, held: 0n }));
  expect((await orders.listOrders(world.plaza.asUser(buyer), { userId: buyer })).orders).toHaveLength(1);
  expect((await carts.getCart(world.plaza.asUser(buyer), { userId: buyer })).cart!.lines).toEqual([]);
});
