import { isAppError, newId, type AppError } from '@plaza/core';
import { OrderState, type Order } from '@plaza/proto/plaza/order/v1/order_service';
import { eventually } from '@plaza/testing';

import { insist } from '../insist.ts';
import { ADDRESS, euros, type World } from '../world.ts';

/** What one cell's orders are placed from: new people and products, so that cells cannot touch each other. */
export interface Shop {
  readonly sellers: readonly string[];
  /** Product → its price in cents and how many units were received. */
  readonly products: Readonly<Record<string, { readonly sellerId: string; readonly cents: number; readonly received: number }>>;
  /** Buyer → cents put into the wallet. */
  readonly funds: Readonly<Record<string, number>>;
}

/** One wish of a buyer, however often it was sent. */
export interface Wish {
  readonly buyer: string;
  readonly requestId: string;
  /** The order that an answer named. */
  orderId?: string;
  refused?: AppError;
}

const RICH = 5;
const POOR = 2;
const HASTY = 2;
const IN_DOUBT = 2;

export const openShop = async (world: World): Promise<Shop> => {
  const ids = await people(world, 2 + RICH + POOR + HASTY + IN_DOUBT);
  const sellers = ids.slice(0, 2);
  const buyers = ids.slice(2);
  const products = new Map<string, Shop['products'][string]>();
  for (const [n, received, units] of [
    [0, 100, 10],
    [0, 100, 5],
    [1, 100, 3],
    [1, 1, 7],
  ] as const)
    products.set(await product(world, sellers[n]!, received, units), { sellerId: sellers[n]!, cents: units * 100, received });
  const funds = new Map<string, number>();
  for (const [i, buyer] of buyers.entries()) {
    const units = i >= RICH && i < RICH + POOR ? 1 : 100;
    await insist(() => world.fund(buyer, units));
    funds.set(buyer, units * 100);
    const agreement = {
      userId: buyer,
      preferences: { sharePurchases: true },
      updateMask: ['share_purchases'],
      requestId: newId(),
    };
    await insist(() => world.plaza.clients.users.updatePreferences(world.plaza.asAdmin(), agreement));
  }
  return { sellers, products: Object.fromEntries(products), funds: Object.fromEntries(funds) };
};

/**
 * Everything that can happen to an order, side by side, by careful clients: they repeat what was not answered, under the same
 * request_id. Resolves when every wish has its final answer.
 * @param stall holds up whoever pays, so that an order can be called off while it is open; false where the fault is not to be disturbed
 */
export const work = async (world: World, shop: Shop, stall: boolean): Promise<Wish[]> => {
  const buyers = Object.keys(shop.funds);
  const [tea, cup, pot, last] = Object.keys(shop.products) as [string, string, string, string];
  const wishes: Wish[] = [];
  const wish = (buyer: string): Wish => {
    const made = { buyer, requestId: newId() };
    wishes.push(made);
    return made;
  };
  const rich = buyers.slice(0, RICH);
  const poor = buyers.slice(RICH, RICH + POOR);
  const hasty = buyers.slice(RICH + POOR, RICH + POOR + HASTY);
  const inDoubt = buyers.slice(RICH + POOR + HASTY);

  await callOff(world, inDoubt.map(wish), tea, stall);
  const ends = endings(world, shop.sellers[0]!, cup);
  await Promise.all([
    ...rich.map(async (buyer, i) => {
      const order = await paid(world, wish(buyer), [tea, cup, pot]);
      await ends[i]?.(order);
    }),
    ...poor.map((buyer) => place(world, wish(buyer), [tea])),
    ...hasty.map((buyer) => place(world, wish(buyer), [last])),
    twice(world, wish(rich[0]!), [cup]),
  ]);
  return wishes;
};

/** What becomes of the orders that are paid, one each. */
const endings = (world: World, sellerId: string, productId: string): ((order: Order) => Promise<unknown>)[] => {
  const { orders } = world.plaza.clients;
  const admin = () => world.plaza.asAdmin(8000);
  const ship = async ({ orderId }: Order) => {
    const requestId = newId();
    await insist(() => orders.shipOrder(admin(), { orderId, carrier: 'DHL', trackingNumber: 'T-1', requestId }), PATIENCE_MS);
  };
  const refund = async ({ orderId }: Order) => {
    const requestId = newId();
    await insist(() => orders.refundOrder(admin(), { orderId, note: 'sold out', requestId }), PATIENCE_MS);
  };
  return [
    // Stays as it is, and is shown to followers.
    async () => undefined,
    // Before it was sent: the units are sold again.
    refund,
    async (order) => {
      await ship(order);
      await refund(order);
    },
    async (order) => {
      await ship(order);
      const [{ orderId, userId }, requestId] = [order, newId()];
      await insist(() => orders.deliverOrder(world.plaza.asUser(userId, 8000), { orderId, requestId }), PATIENCE_MS);
    },
    async ({ orderId, userId }) => {
      const [refundId, requestId] = [newId(), newId()];
      const lines = [{ productId, quantity: 1n }];
      const part = { orderId, lines, requestId: refundId };
      await insist(() => orders.refundOrder(world.plaza.asUser(sellerId, 8000), part), PATIENCE_MS);
      await insist(() => orders.unsharePurchase(world.plaza.asUser(userId, 8000), { orderId, requestId }), PATIENCE_MS);
    },
  ];
};

/** Whose order was answered before it was paid looks again. */
const paid = async (world: World, wish: Wish, productIds: readonly string[]): Promise<Order> => {
  const placed = await place(world, wish, productIds);
  if (!placed) throw wish.refused!;
  return eventually(
    async () => {
      const { order } = await world.plaza.clients.orders.getOrder(world.plaza.asUser(wish.buyer, 4000), placed);
      if (order?.state !== OrderState.PAID) throw new Error(`the order is in state ${order?.state}`);
      return order;
    },
    { timeoutMs: PATIENCE_MS },
  );
};

/** Of a careful client: longer than any fault. */
const PATIENCE_MS = 90_000;

/** Sent again and again until it is answered, at first with little time. */
const place = async (world: World, wish: Wish, productIds: readonly string[], timeoutMs = 8000): Promise<Order | undefined> => {
  const { buyer: userId, requestId } = wish;
  const lines = productIds.map((productId) => ({ productId, quantity: 1n }));
  const request = { userId, lines, shippingAddress: ADDRESS, sharePurchase: true, requestId };
  try {
    const { order } = await insist(
      () => world.plaza.clients.orders.createOrder(world.plaza.asUser(userId, timeoutMs), request),
      PATIENCE_MS,
    );
    wish.orderId = order!.orderId;
    return order;
  } catch (error) {
    if (!isAppError(error)) throw error;
    wish.refused = error;
    const orderId = error.details.metadata?.['order_id'];
    if (orderId !== undefined) wish.orderId = orderId;
    return undefined;
  }
};

/** A client that is so afraid that it sends everything twice at once. */
const twice = (world: World, wish: Wish, productIds: readonly string[]) =>
  Promise.all([place(world, wish, productIds), place(world, wish, productIds)]);

/** Orders that their buyers think better of: called off while they wait for the money, or too late. */
const callOff = async (world: World, wishes: readonly Wish[], productId: string, stall: boolean): Promise<void> => {
  // The seller was there a moment ago, which is known for a minute.
  await insist(() => world.stock(productId));
  if (stall) world.plaza.proxy('user').stall();
  const placing = wishes.map((wish) => place(world, wish, [productId], stall ? 1500 : 8000));
  const cancelling = wishes.map(({ buyer }) => cancelFirst(world, buyer));
  try {
    await Promise.all(cancelling);
  } finally {
    if (stall) world.plaza.proxy('user').heal();
  }
  await Promise.all(placing);
};

const cancelFirst = async (world: World, buyer: string): Promise<void> => {
  const { orders } = world.plaza.clients;
  const orderId = await eventually(
    async () => {
      const [order] = (await orders.listOrders(world.plaza.asUser(buyer, 2000), { userId: buyer })).orders;
      if (order === undefined || order.state === OrderState.PENDING) throw new Error('nothing to cancel yet');
      return order.orderId;
    },
    { timeoutMs: 60_000, everyMs: 20 },
  );
  const requestId = newId();
  await insist(() => orders.cancelOrder(world.plaza.asUser(buyer, 4000), { orderId, requestId }), 60_000).catch(
    (error: unknown) => {
      // Too late: it was paid or refused first.
      if (!isAppError(error, 'ILLEGAL_TRANSITION')) throw error;
    },
  );
};

export const people = async (world: World, count: number): Promise<string[]> => {
  const ids: string[] = [];
  while (ids.length < count) {
    const names = Array.from({ length: Math.min(25, count - ids.length) }, () => `f${newId().slice(-14).toLowerCase()}`);
    const users = names.map((username) => ({ username, email: `${username}@example.com`, requestId: newId() }));
    const { results } = await insist(() => world.plaza.clients.users.batchCreateUsers(world.plaza.asAdmin(20_000), { users }));
    for (const { result } of results) {
      if (result?.$case !== 'user') throw new Error('a person could not be made');
      ids.push(result.value.userId);
    }
  }
  return ids;
};

export const product = async (world: World, sellerId: string, received: number, units: number): Promise<string> => {
  const request = {
    sellerId,
    name: 'Teapot',
    category: 'home-kitchen',
    price: euros(units),
    initialStock: BigInt(received),
    requestId: newId(),
  };
  const { product: made } = await insist(() => world.plaza.clients.products.createProduct(world.plaza.asAdmin(20_000), request));
  return made!.productId;
};
