import { newId, type Context } from '@plaza/core';
import { CartServiceDefinition } from '@plaza/proto/plaza/order/v1/cart_service';
import { OrderServiceDefinition, OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { admittedCallers, asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startService, TEA, wish, type Service } from './service.ts';

// Every RPC by every kind of caller. The table says who is let in; an RPC that is not in it fails the test.
let service: Service;
beforeAll(async () => (service = await startService()));
afterAll(() => service?.close());

const [OWNER, OTHER] = [newId(), newId()];
const PEERS = ['user', 'product', 'social-graph', 'feed'];
const OWN = ['owner', 'admin'];
/** The message names an order alone, so that the policy lets every person in; whose it is is looked at in the table. */
const PEOPLE = ['owner', 'other', 'admin'];

const ADMITTED: Readonly<Record<string, readonly string[]>> = {
  'OrderService/CreateOrder': OWN,
  'OrderService/GetOrder': PEOPLE,
  'OrderService/ListOrders': OWN,
  'OrderService/ListOrdersByStatus': ['admin'],
  'OrderService/ListSales': OWN,
  'OrderService/ListOrderEvents': PEOPLE,
  'OrderService/WatchOrder': PEOPLE,
  'OrderService/CancelOrder': PEOPLE,
  'OrderService/UnsharePurchase': PEOPLE,
  'OrderService/ShipOrder': PEOPLE,
  'OrderService/DeliverOrder': PEOPLE,
  'OrderService/RefundOrder': PEOPLE,
  'CartService/GetCart': OWN,
  'CartService/AddCartItem': OWN,
  'CartService/UpdateCartItem': OWN,
  'CartService/RemoveCartItem': OWN,
  'CartService/ClearCart': OWN,
};

const CALLERS: Readonly<Record<string, () => Context>> = {
  anonymous: () => testContext({ caller: { kind: 'anonymous' } }),
  owner: () => asUser(OWNER),
  other: () => asUser(OTHER),
  admin: () => asAdmin(),
  ...Object.fromEntries(PEERS.map((peer) => [peer, () => asService(peer, OWNER)])),
};

const RPCS = [
  ['orders', OrderServiceDefinition],
  ['carts', CartServiceDefinition],
] as const;

const CELLS = RPCS.flatMap(([client, { name, methods }]) =>
  Object.entries(methods).map(([key, method]) => ({ rpc: `${name}/${method.name}`, client, key })),
);

test('the table names every RPC', () => {
  expect(Object.keys(ADMITTED).toSorted()).toEqual(CELLS.map(({ rpc }) => rpc).toSorted());
});

test.each(CELLS)('$rpc', { timeout: 60_000 }, async ({ rpc, client, key }) => {
  const call = key === 'watchOrder' ? watchOrder : (service[client] as unknown as Record<string, Call>)[key]!;
  expect(await admittedCallers(CALLERS, (ctx) => call(ctx, bodyOf(key)))).toEqual(ADMITTED[rpc]);
});

type Call = (ctx: Context, body: object) => Promise<unknown>;

/** A stream says nothing before it is read. */
const watchOrder: Call = async (ctx, body) => {
  for await (const _ of service.watchOrder(ctx, body));
};

/** Valid, of the owner where it names somebody, and otherwise about nothing that exists: that is found out after the policy. */
const bodyOf = (key: string): object => {
  const item = { userId: OWNER, productId: TEA };
  const special: Record<string, object> = {
    createOrder: wish(OWNER, newId(), 1n),
    listOrders: { userId: OWNER },
    listOrdersByStatus: { state: OrderState.PAID },
    listSales: { sellerId: OWNER },
    getCart: { userId: OWNER },
    addCartItem: { ...item, quantity: 1n },
    updateCartItem: { ...item, quantity: 1n },
    removeCartItem: item,
    clearCart: { userId: OWNER },
  };
  return special[key] ?? { orderId: newId() };
};
