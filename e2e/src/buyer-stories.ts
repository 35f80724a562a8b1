import { isAppError, newId, type AppError } from '@plaza/core';
import { ReservationState } from '@plaza/proto/plaza/product/v1/inventory_service';
import { OrderState, type Order } from '@plaza/proto/plaza/order/v1/order_service';
import { eventually, testContext } from '@plaza/testing';
import { expect } from 'vitest';

import { insist } from './insist.ts';
import { ADDRESS, euros, type World } from './world.ts';

const PATIENCE = { timeoutMs: 45_000, everyMs: 100 };

/** People who sign up and buy, told by careful clients: each story ends as if nothing had ever crashed. Needs a proxy before `user`. */
export const buyerStories = (world: World) => {
  const admin = () => world.plaza.asAdmin(4_000);

  const signUp = async () => {
    const requestId = newId();
    const username = `k${requestId.slice(-12).toLowerCase()}`;
    const { user } = await insist(() =>
      world.plaza.clients.users.createUser(admin(), { username, email: `${username}@example.com`, requestId }),
    );
    const { user: read } = await insist(() =>
      world.plaza.clients.users.getUser(admin(), { by: { $case: 'username', value: username } }),
    );
    expect(read?.userId).toBe(user?.userId);
  };

  const signIn = async () => {
    const anonymous = () => ({ ...admin(), caller: { kind: 'anonymous' } as const });
    const username = `k${newId().slice(-12).toLowerCase()}`;
    const password = 'correct horse battery';
    const ids = [newId(), newId(), newId()];
    const wish = { username, email: `${username}@example.com`, password, requestId: ids[0]! };
    await insist(() => world.plaza.clients.users.createUser(anonymous(), wish));
    const first = await insist(() =>
      world.plaza.clients.sessions.createSession(anonymous(), { login: username, password, requestId: ids[1]! }),
    );
    const refreshToken = first.tokens!.refreshToken;
    const second = await insist(() =>
      world.plaza.clients.sessions.refreshSession(anonymous(), { refreshToken, requestId: ids[2]! }),
    );
    const third = { refreshToken: second.tokens!.refreshToken, requestId: newId() };
    expect((await insist(() => world.plaza.clients.sessions.refreshSession(anonymous(), third))).userId).toBe(first.userId);
  };

  const fund = async (userId: string, units: number) => {
    const requestId = newId();
    await insist(() =>
      world.plaza.clients.wallets.creditWallet(admin(), { userId, amount: euros(units), reason: 'test', requestId }),
    );
    expect((await insist(() => world.wallet(userId))).balance).toBe(BigInt(units * 100));
  };

  const buyer = async (units: number) => {
    const userId = await insist(() => world.person());
    await fund(userId, units);
    return userId;
  };

  const shelf = async (stock: bigint) => {
    const sellerId = await insist(() => world.person());
    const ids = [newId(), newId()];
    const wish = { sellerId, name: 'Teapot', category: 'toys', price: euros(10), initialStock: stock - 1n, requestId: ids[0]! };
    const { product } = await insist(() => world.plaza.clients.products.createProduct(admin(), wish));
    const adjustment = { productId: product!.productId, delta: 1n, reason: 'delivery', requestId: ids[1]! };
    const adjusted = await insist(() => world.plaza.clients.inventory.adjustStock(admin(), adjustment));
    expect(adjusted.stock?.available).toBe(stock);
    return { sellerId, productId: product!.productId };
  };

  const settled = (userId: string, orderId: string, state: OrderState): Promise<Order> =>
    eventually(async () => {
      const { order } = await world.plaza.clients.orders.getOrder(world.plaza.asUser(userId, 4_000), { orderId });
      expect(order?.state).toBe(state);
      return order!;
    }, PATIENCE);

  const place = (userId: string, productId: string, requestId: string, timeoutMs = 6_000) => {
    const wish = { userId, lines: [{ productId, quantity: 1n }], shippingAddress: ADDRESS, requestId };
    return world.plaza.clients.orders.createOrder(world.plaza.asUser(userId, timeoutMs), wish);
  };

  const listProduct = async () => void (await shelf(3n));

  const buy = async () => {
    const userId = await buyer(30);
    const { sellerId, productId } = await shelf(3n);
    const requestId = newId();
    const { order } = await insist(() => place(userId, productId, requestId));
    await settled(userId, order!.orderId, OrderState.PAID);
    await eventually(async () => {
      expect(await world.wallet(userId)).toEqual({ balance: 2_000n, available: 2_000n, held: 0n });
      expect((await world.wallet(sellerId)).balance).toBe(1_000n);
      expect(await world.stock(productId)).toBe(2n);
    }, PATIENCE);
    const { orders } = await insist(() => world.plaza.clients.orders.listOrders(world.plaza.asUser(userId), { userId }));
    expect(orders).toHaveLength(1);
  };

  /** An order that dies with its reservation: nobody asks for the units again, and nobody gives them back. */
  const abandon = async () => {
    const { productId } = await shelf(3n);
    const wish = { orderId: newId(), lines: [{ productId, quantity: 2n }], ttlSeconds: 2, requestId: newId() };
    const asOrder = () => testContext({ caller: { kind: 'service', service: 'order' }, timeoutMs: 4_000 });
    await insist(() => world.plaza.clients.inventory.reserveStock(asOrder(), wish));
    await eventually(async () => {
      const { reservation } = await world.plaza.clients.inventory.getReservation(asOrder(), wish);
      expect(reservation?.state).toBe(ReservationState.EXPIRED);
    }, PATIENCE);
    const { stock } = await insist(() => world.plaza.clients.inventory.getStock(admin(), { productId }));
    expect(stock).toMatchObject({ onHand: 3n, reserved: 0n, available: 3n });
    await expect(insist(() => world.plaza.clients.inventory.commitReservation(asOrder(), wish))).rejects.toMatchObject({
      reason: 'RESERVATION_EXPIRED',
    });
  };

  const buyWithoutMoney = async () => {
    const userId = await buyer(5);
    const { productId } = await shelf(3n);
    const requestId = newId();
    const answer = await insist(() => place(userId, productId, requestId)).catch((error: unknown) => error as AppError);
    const { orders } = await insist(() => world.plaza.clients.orders.listOrders(world.plaza.asUser(userId), { userId }));
    await settled(userId, orders[0]!.orderId, OrderState.FAILED);
    // The call may have been answered before the refusal was known.
    if (!isAppError(answer, 'INSUFFICIENT_FUNDS')) expect(answer).toMatchObject({ order: { orderId: orders[0]!.orderId } });
    await nothingTaken(userId, productId, 500n);
  };

  const callOff = async () => {
    const userId = await buyer(30);
    const { productId } = await shelf(3n);
    // Without the wallet the order waits with its stock reserved. The seller was there a moment ago, which is known for a minute.
    await insist(() => world.stock(productId));
    world.plaza.proxy('user').blackhole();
    const requestId = newId();
    const { order } = await insist(() => place(userId, productId, requestId, 3_000)).finally(() =>
      world.plaza.proxy('user').heal(),
    );
    const cancelId = newId();
    const end = await insist(() =>
      world.plaza.clients.orders.cancelOrder(world.plaza.asUser(userId, 4_000), { orderId: order!.orderId, requestId: cancelId }),
    );
    expect(end.order?.state).toBe(OrderState.CANCELLED);
    await nothingTaken(userId, productId, 3_000n);
  };

  const nothingTaken = (userId: string, productId: string, balance: bigint) =>
    eventually(async () => {
      expect(await world.wallet(userId)).toEqual({ balance, available: balance, held: 0n });
      expect(await world.stock(productId)).toBe(3n);
    }, PATIENCE);

  return { signUp, signIn, listProduct, buy, abandon, buyWithoutMoney, callOff };
};
