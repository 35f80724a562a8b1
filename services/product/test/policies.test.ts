import { newId, type Context } from '@plaza/core';
import { InventoryServiceDefinition } from '@plaza/proto/plaza/product/v1/inventory_service';
import { ProductServiceDefinition, TrendingWindow } from '@plaza/proto/plaza/product/v1/product_service';
import { admittedCallers, asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { eur, startWorld, type World } from './world.ts';

// Every RPC by every kind of caller. The table says who is let in; an RPC that is not in it fails the test.
let world: World;
let other: string;
let productId: string;
beforeAll(async () => {
  world = await startWorld();
  other = newId();
  world.people.add(other);
  productId = await world.list();
});
afterAll(() => world?.close());

const PEERS = ['user', 'order', 'social-graph', 'feed'];
const EVERYBODY = ['anonymous', 'owner', 'other', 'admin', ...PEERS];
const OWN = ['owner', 'admin'];
/** The message names a product alone, so that the policy lets every person in; whose it is is looked at in the table. */
const MANAGERS = ['owner', 'other', 'admin'];

const ADMITTED: Readonly<Record<string, readonly string[]>> = {
  'ProductService/CreateProduct': OWN,
  'ProductService/BatchCreateProducts': ['admin'],
  'ProductService/GetProduct': EVERYBODY,
  'ProductService/BatchGetProducts': EVERYBODY,
  'ProductService/UpdateProduct': MANAGERS,
  'ProductService/DeleteProduct': MANAGERS,
  'ProductService/UndeleteProduct': MANAGERS,
  'ProductService/ListProducts': EVERYBODY,
  'ProductService/SearchProducts': EVERYBODY,
  'ProductService/ListCategories': EVERYBODY,
  'ProductService/ListTrendingProducts': EVERYBODY,
  'ProductService/SaveProduct': ['owner'],
  'ProductService/UnsaveProduct': ['owner'],
  'ProductService/ListSavedProducts': OWN,
  'ProductService/ListProductSavers': ['admin', 'feed'],
  'ProductService/RecordProductViews': EVERYBODY,
  'InventoryService/GetStock': [...MANAGERS, 'order', 'feed'],
  'InventoryService/AdjustStock': MANAGERS,
  'InventoryService/ListStockMovements': MANAGERS,
  'InventoryService/ReserveStock': ['order'],
  'InventoryService/CommitReservation': ['order'],
  'InventoryService/ReleaseReservation': ['order'],
  'InventoryService/GetReservation': ['admin', 'order'],
  'InventoryService/ListLowStock': OWN,
  'InventoryService/ReconcileStock': ['admin'],
};

const CALLERS: Readonly<Record<string, () => Context>> = {
  anonymous: () => testContext({ caller: { kind: 'anonymous' } }),
  owner: () => asUser(world.sellerId),
  other: () => asUser(other),
  admin: () => asAdmin(),
  ...Object.fromEntries(PEERS.map((peer) => [peer, () => asService(peer, world.sellerId)])),
};

const RPCS = [
  ['products', ProductServiceDefinition],
  ['inventory', InventoryServiceDefinition],
] as const;

const CELLS = RPCS.flatMap(([client, { name, methods }]) =>
  Object.entries(methods).map(([key, method]) => ({ rpc: `${name}/${method.name}`, client, key })),
);

test('the table names every RPC', () => {
  expect(Object.keys(ADMITTED).toSorted()).toEqual(CELLS.map(({ rpc }) => rpc).toSorted());
});

test.each(CELLS)('$rpc', async ({ rpc, client, key }) => {
  const call = (world[client] as unknown as Record<string, Call>)[key]!;
  expect(await admittedCallers(CALLERS, (ctx) => call(ctx, bodyOf(key)))).toEqual(ADMITTED[rpc]);
});

type Call = (ctx: Context, body: object) => Promise<unknown>;

/** Valid, of the owner where it names somebody, and mostly about nothing that exists: that is found out after the policy. */
const bodyOf = (key: string): object => {
  const { sellerId } = world;
  const wish = { sellerId, name: 'Tea', category: 'tea', price: eur(100), initialStock: 1n };
  const special: Record<string, object> = {
    createProduct: wish,
    batchCreateProducts: { products: [wish] },
    batchGetProducts: { productIds: [productId] },
    updateProduct: { productId: newId(), changes: { name: 'Tea' }, updateMask: ['name'] },
    deleteProduct: { productId: newId() },
    undeleteProduct: { productId: newId() },
    listProducts: { category: 'tea' },
    searchProducts: { query: 'tea' },
    listCategories: {},
    listTrendingProducts: { window: TrendingWindow.HOUR },
    saveProduct: { userId: sellerId, productId },
    unsaveProduct: { userId: sellerId, productId },
    listSavedProducts: { userId: sellerId },
    recordProductViews: { productIds: [productId] },
    adjustStock: { productId: newId(), delta: 1n, reason: 'count' },
    reserveStock: { orderId: newId(), lines: [{ productId: newId(), quantity: 1n }] },
    commitReservation: { orderId: newId() },
    releaseReservation: { orderId: newId() },
    getReservation: { orderId: newId() },
    listLowStock: { sellerId },
    reconcileStock: { productIds: [productId] },
  };
  return special[key] ?? { productId };
};
