import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { isAppError, newId, type AppError, type Context } from '@plaza/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ADDRESS, euros, startWorld, type World } from '../src/world.ts';

const run = promisify(execFile);
const BUF = fileURLToPath(new URL('../../node_modules/.bin/buf', import.meta.url));

let world: World;
let person: string;
beforeAll(async () => {
  world = await startWorld();
  person = await world.person();
});
afterAll(() => world?.close());

const admin = () => world.plaza.asAdmin();
const failureOf = async (call: Promise<unknown>): Promise<AppError> => {
  const error = await call.then(
    (answer) => new Error(`expected a refusal, got ${String(answer)}`),
    (reason: unknown) => reason,
  );
  if (!isAppError(error)) throw error;
  return error;
};

describe('bad input is INVALID_ARGUMENT with the path of the field, never INTERNAL', () => {
  const MAX = 2n ** 63n - 1n;
  const cases: readonly (readonly [name: string, field: string, call: (ctx: Context) => Promise<unknown>])[] = [
    ['a missing field', 'user_id', (ctx) => world.plaza.clients.wallets.getWallet(ctx, {})],
    ['an id that is none', 'user_ids[1]', (ctx) => world.plaza.clients.users.batchGetUsers(ctx, { userIds: [newId(), 'x'] })],
    ['no look-up key', 'by', (ctx) => world.plaza.clients.users.getUser(ctx, {})],
    ['a short name', 'username', (ctx) => world.plaza.clients.users.createUser(ctx, { username: 'x', email: 'a@example.com' })],
    [
      'a name with blanks',
      'username',
      (ctx) => world.plaza.clients.users.createUser(ctx, { username: 'a b c', email: 'a@example.com' }),
    ],
    [
      'no e-mail address',
      'email',
      (ctx) => world.plaza.clients.users.createUser(ctx, { username: 'abc', email: 'a.example.com' }),
    ],
    [
      'a request_id of another kind',
      'request_id',
      (ctx) => world.plaza.clients.users.createUser(ctx, { username: 'abc', email: 'a@example.com', requestId: 'x' }),
    ],
    [
      'too many items',
      'user_ids',
      (ctx) => world.plaza.clients.users.batchGetUsers(ctx, { userIds: Array.from({ length: 101 }, () => newId()) }),
    ],
    [
      'a negative page size',
      'page_size',
      (ctx) => world.plaza.clients.feed.listHomeFeed(ctx, { viewerId: person, pageSize: -1 }),
    ],
    [
      'a page size above 100',
      'page_size',
      (ctx) => world.plaza.clients.orders.listOrders(ctx, { userId: person, pageSize: 101 }),
    ],
    [
      'an oversized text',
      'text',
      (ctx) => world.plaza.clients.posts.createPost(ctx, { authorId: person, text: 'x'.repeat(2_001) }),
    ],
    [
      'an unknown enum value',
      'visibility',
      (ctx) => world.plaza.clients.posts.createPost(ctx, { authorId: person, text: 'x', visibility: 99 as never }),
    ],
    [
      'a product twice',
      'product_ids',
      (ctx) => world.plaza.clients.posts.createPost(ctx, { authorId: person, text: 'x', productIds: [person, person] }),
    ],
    ['a quantity of zero', 'lines[0].quantity', (ctx) => world.plaza.clients.orders.createOrder(ctx, order({ quantity: 0n }))],
    ['a negative quantity', 'lines[0].quantity', (ctx) => world.plaza.clients.orders.createOrder(ctx, order({ quantity: -1n }))],
    ['the largest int64', 'lines[0].quantity', (ctx) => world.plaza.clients.orders.createOrder(ctx, order({ quantity: MAX }))],
    [
      'no address',
      'shipping_address',
      (ctx) => world.plaza.clients.orders.createOrder(ctx, { ...order({}), shippingAddress: undefined }),
    ],
    [
      'an address of blanks',
      'shipping_address.city',
      (ctx) => orders().createOrder(ctx, { ...order({}), shippingAddress: { ...ADDRESS, city: ' \t' } }),
    ],
    [
      'a country that is none',
      'shipping_address.country_code',
      (ctx) => orders().createOrder(ctx, { ...order({}), shippingAddress: { ...ADDRESS, countryCode: 'XX' } }),
    ],
    [
      'a shown price of no currency',
      'lines[0].expected_unit_price',
      (ctx) => orders().createOrder(ctx, order({ expectedUnitPrice: { currencyCode: 'ZZZ', units: 1n } })),
    ],
    ['lines beside a cart', 'from_cart', (ctx) => orders().createOrder(ctx, { ...order({}), fromCart: true })],
    ['a post that is none', 'attributed_post_id', (ctx) => orders().createOrder(ctx, { ...order({}), attributedPostId: 'post' })],
    [
      'nothing into the cart',
      'quantity',
      (ctx) => world.plaza.clients.carts.addCartItem(ctx, { userId: person, productId: newId(), quantity: 0n }),
    ],
    [
      'a cart item of a million and one',
      'quantity',
      (ctx) => world.plaza.clients.carts.updateCartItem(ctx, { userId: person, productId: newId(), quantity: 1_000_001n }),
    ],
    ['a cart item that is none', 'product_id', (ctx) => world.plaza.clients.carts.removeCartItem(ctx, { userId: person })],
    ["nobody's cart", 'user_id', (ctx) => world.plaza.clients.carts.getCart(ctx, { userId: 'me' })],
    [
      'an adjustment by zero',
      'delta',
      (ctx) => world.plaza.clients.inventory.adjustStock(ctx, { productId: newId(), delta: 0n, reason: 'x' }),
    ],
    [
      'a tampered page token',
      'page_token',
      (ctx) => world.plaza.clients.orders.listOrders(ctx, { userId: person, pageToken: 'AAAA' }),
    ],
    [
      'money of no currency',
      'amount',
      (ctx) => world.plaza.clients.wallets.creditWallet(ctx, { userId: person, amount: { currencyCode: 'ZZZ', units: 1n } }),
    ],
    [
      'money below zero',
      'amount',
      (ctx) => world.plaza.clients.wallets.creditWallet(ctx, { userId: person, amount: { currencyCode: 'EUR', units: -1n } }),
    ],
    [
      'the most money',
      'amount',
      (ctx) => world.plaza.clients.wallets.creditWallet(ctx, { userId: person, amount: { currencyCode: 'EUR', units: MAX } }),
    ],
  ];

  test.each(cases)('%s (%s)', async (_name, field, call) => {
    const { code, details } = await failureOf(call(admin()));
    expect(code).toBe('INVALID_ARGUMENT');
    expect(details.violations?.map((violation) => violation.field)).toContain(field);
  });

  const orders = () => world.plaza.clients.orders;
  const order = (line: { quantity?: bigint; expectedUnitPrice?: { currencyCode: string; units: bigint } }) => ({
    userId: person,
    lines: [{ productId: newId(), quantity: 1n, ...line }],
    shippingAddress: ADDRESS,
    requestId: newId(),
  });
});

describe('what the schema allows and the world does not has its own reason', () => {
  const cases: readonly (readonly [name: string, code: string, reason: string, call: (ctx: Context) => Promise<unknown>])[] = [
    [
      'following oneself',
      'FAILED_PRECONDITION',
      'SELF_FOLLOW',
      (ctx) => world.plaza.clients.graph.follow(ctx, { followerId: person, followeeId: person }),
    ],
    [
      'following nobody',
      'NOT_FOUND',
      'USER_NOT_FOUND',
      (ctx) => world.plaza.clients.graph.follow(ctx, { followerId: person, followeeId: newId() }),
    ],
    [
      'an unknown user',
      'NOT_FOUND',
      'USER_NOT_FOUND',
      (ctx) => world.plaza.clients.users.getUser(ctx, { by: { $case: 'userId', value: newId() } }),
    ],
    [
      'an unknown product',
      'NOT_FOUND',
      'PRODUCT_NOT_FOUND',
      (ctx) => world.plaza.clients.products.getProduct(ctx, { productId: newId() }),
    ],
    ['an unknown order', 'NOT_FOUND', 'ORDER_NOT_FOUND', (ctx) => world.plaza.clients.orders.getOrder(ctx, { orderId: newId() })],
    ['an unknown post', 'NOT_FOUND', 'POST_NOT_FOUND', (ctx) => world.plaza.clients.posts.getPost(ctx, { postId: newId() })],
    [
      'a post of nobody',
      'NOT_FOUND',
      'AUTHOR_NOT_FOUND',
      (ctx) => world.plaza.clients.posts.createPost(ctx, { authorId: newId(), text: 'x' }),
    ],
    [
      'a card of no product',
      'NOT_FOUND',
      'PRODUCT_NOT_FOUND',
      (ctx) => world.plaza.clients.posts.createPost(ctx, { authorId: person, text: 'x', productIds: [newId()] }),
    ],
    [
      'a product of nobody',
      'NOT_FOUND',
      'SELLER_NOT_FOUND',
      (ctx) =>
        world.plaza.clients.products.createProduct(ctx, { sellerId: newId(), name: 'x', category: 'toys', price: euros(1) }),
    ],
    [
      'an empty order',
      'FAILED_PRECONDITION',
      'EMPTY_ORDER',
      (ctx) => world.plaza.clients.orders.createOrder(ctx, { userId: person, lines: [], shippingAddress: ADDRESS }),
    ],
    [
      'an order of nothing known',
      'NOT_FOUND',
      'PRODUCT_NOT_FOUND',
      (ctx) =>
        world.plaza.clients.orders.createOrder(ctx, {
          userId: person,
          lines: [{ productId: newId(), quantity: 1n }],
          shippingAddress: ADDRESS,
        }),
    ],
    [
      'an order of an empty cart',
      'FAILED_PRECONDITION',
      'EMPTY_ORDER',
      (ctx) => world.plaza.clients.orders.createOrder(ctx, { userId: person, fromCart: true, shippingAddress: ADDRESS }),
    ],
    [
      'an unknown product for the cart',
      'NOT_FOUND',
      'PRODUCT_NOT_FOUND',
      (ctx) => world.plaza.clients.carts.addCartItem(ctx, { userId: person, productId: newId(), quantity: 1n }),
    ],
    [
      'more of what is not in the cart',
      'NOT_FOUND',
      'CART_ITEM_NOT_FOUND',
      (ctx) => world.plaza.clients.carts.updateCartItem(ctx, { userId: person, productId: newId(), quantity: 1n }),
    ],
    [
      'a range upside down',
      'INVALID_ARGUMENT',
      'PRICE_RANGE_INVALID',
      (ctx) => world.plaza.clients.products.listProducts(ctx, { category: 'toys', minPrice: euros(5), maxPrice: euros(5) }),
    ],
  ];

  test.each(cases)('%s: %s %s', async (_name, code, reason, call) => {
    expect(await failureOf(call(admin()))).toMatchObject({ code, reason });
  });
});

describe('callers', () => {
  test("another user's things are refused, nobody's too", async () => {
    const stranger = await world.person();
    const denied = await failureOf(world.plaza.clients.wallets.getWallet(world.plaza.asUser(stranger), { userId: person }));
    expect(denied).toMatchObject({ code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' });
    const nobody = { ...admin(), caller: { kind: 'anonymous' } as const };
    expect(await failureOf(world.plaza.clients.wallets.getWallet(nobody, { userId: person }))).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'TOKEN_MISSING',
    });
    const wrong = { ...admin(), caller: { kind: 'service', service: 'feed' } as const };
    const hold = { orderId: newId(), userId: person, amount: euros(1), requestId: newId() };
    expect(await failureOf(world.plaza.clients.wallets.placeHold(wrong, hold))).toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test('a page token of one caller is worthless to another, and to another list', async () => {
    const fans = await Promise.all([world.person(), world.person()]);
    for (const fan of fans) await world.follow(fan, person);
    const { graph } = world.plaza.clients;
    const page = await graph.listFollowers(world.plaza.asUser(person), { userId: person, pageSize: 1 });
    expect(page.nextPageToken).not.toBe('');
    const foreign = graph.listFollowers(world.plaza.asUser(fans[0]!), {
      userId: person,
      pageSize: 1,
      pageToken: page.nextPageToken,
    });
    expect(await failureOf(foreign)).toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
    const other = graph.listFollowing(world.plaza.asUser(person), { userId: person, pageSize: 1, pageToken: page.nextPageToken });
    expect(await failureOf(other)).toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
  });
});

describe('a strict client without our code', () => {
  const curl = (service: keyof World['plaza']['addresses'], ...args: string[]) =>
    run(BUF, [
      'curl',
      '--protocol',
      'grpc',
      '--http2-prior-knowledge',
      ...args.map((arg) => arg.replace('ADDRESS', world.plaza.addresses[service])),
    ]);

  test.each(['user', 'product', 'order', 'social-graph', 'feed'] as const)(
    'lists the methods of %s by reflection',
    async (service) => {
      const { stdout } = await curl(service, '--list-methods', 'http://ADDRESS');
      expect(stdout).toContain('plaza.common.v1.EventAdminService/GetOutboxStatus');
      expect(stdout).toContain('grpc.health.v1.Health/Check');
      const health = await curl(service, '-d', '{}', 'http://ADDRESS/grpc.health.v1.Health/Check');
      expect(JSON.parse(health.stdout)).toEqual({ status: 'SERVING' });
    },
  );

  test('calls with a token, and reads what a refusal says', async () => {
    const token = ['-H', `authorization: Bearer ${world.plaza.keys.adminToken()}`];
    const { stdout } = await curl(
      'user',
      ...token,
      '-d',
      JSON.stringify({ userId: person }),
      'http://ADDRESS/plaza.user.v1.UserService/GetUser',
    );
    expect(JSON.parse(stdout)).toMatchObject({ user: { userId: person } });
    const refusal = await curl(
      'user',
      ...token,
      '-d',
      '{"userIds":["x"]}',
      'http://ADDRESS/plaza.user.v1.UserService/BatchGetUsers',
    ).catch((error: { stderr: string }) => error.stderr);
    expect(refusal).toContain('"invalid_argument"');
    expect(refusal).toContain('google.rpc.ErrorInfo');
    expect(refusal).toContain('google.rpc.BadRequest');
  });

  test('bytes that are no message, and text that is no UTF-8, are the caller’s mistake', async () => {
    const call = async (body: Uint8Array) => {
      const { credentials, makeClientConstructor, Metadata } = await import('@grpc/grpc-js');
      const raw = (bytes: Buffer) => bytes;
      const path = '/plaza.user.v1.UserService/GetUser';
      const method = {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: raw,
        requestDeserialize: raw,
        responseSerialize: raw,
        responseDeserialize: raw,
      };
      const Client = makeClientConstructor({ get: method }, 'raw');
      const client = new Client(world.plaza.addresses.user, credentials.createInsecure());
      const failure = await new Promise<{ code?: number } | null>((resolve) => {
        client['get']!(Buffer.from(body), new Metadata(), { deadline: Date.now() + 5_000 }, resolve);
      });
      client.close();
      return failure?.code;
    };
    expect(await call(Uint8Array.of(0x0a, 0xff))).toBe(3);
    expect(await call(Uint8Array.of(0x0f, 0x01))).toBe(3);
    expect(await call(Uint8Array.of(0x12, 0x04, 0xc3, 0x28, 0xc3, 0x28))).toBe(3);
  });
});
