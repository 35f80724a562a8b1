import { AppError, backgroundContext, newId, noMetrics, silentLog } from '@plaza/core';
import { EventAdminServiceDefinition } from '@plaza/proto/plaza/common/v1/event_admin_service';
import { FeedServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_service';
import { PostServiceDefinition } from '@plaza/proto/plaza/feed/v1/post_service';
import { SocialGraphServiceDefinition } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { CartServiceDefinition } from '@plaza/proto/plaza/order/v1/cart_service';
import { OrderServiceDefinition } from '@plaza/proto/plaza/order/v1/order_service';
import { InventoryServiceDefinition } from '@plaza/proto/plaza/product/v1/inventory_service';
import { ProductServiceDefinition } from '@plaza/proto/plaza/product/v1/product_service';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { UserServiceDefinition } from '@plaza/proto/plaza/user/v1/user_service';
import { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
import {
  createMetrics,
  createSigner,
  createVerifier,
  generateKeyring,
  noLimits,
  startServer,
  type BoundService,
  type ServiceDefinition,
} from '@plaza/rpc';
import { expect, onTestFinished, test } from 'vitest';

import { eventAdminClient, feedClients, graphClients, orderClients, productClients, userClients } from '../src/index.ts';

const definitions: readonly ServiceDefinition[] = [
  CartServiceDefinition,
  EventAdminServiceDefinition,
  FeedServiceDefinition,
  InventoryServiceDefinition,
  OrderServiceDefinition,
  PostServiceDefinition,
  ProductServiceDefinition,
  SessionServiceDefinition,
  SocialGraphServiceDefinition,
  UserServiceDefinition,
  WalletServiceDefinition,
];

/** Serves every method of Plaza; each refuses in its own name, which shows that the call arrived there. */
const refuseAll = (definition: ServiceDefinition): BoundService => ({
  definition,
  handlers: Object.fromEntries(
    Object.keys(definition.methods).map((key) => [
      key,
      (ctx: { method: string }) => Promise.reject(new AppError('NOT_FOUND', 'ARRIVED', ctx.method)),
    ]),
  ),
});

test('each client reaches its service, all under one address', async () => {
  const keys = generateKeyring(['user']);
  const signer = createSigner({ issuer: 'user', signingKey: keys.signingKeys['user']! });
  const server = await startServer({
    service: 'all',
    listen: '127.0.0.1:0',
    adminListen: '127.0.0.1:0',
    allowPlaintext: false,
    reflection: false,
    services: definitions.map(refuseAll),
    verifier: createVerifier(keys.verifyKeys),
    log: silentLog,
    metrics: createMetrics(),
    limiter: noLimits,
  });
  const peer = {
    address: `127.0.0.1:${server.port}`,
    token: () => signer.adminToken({ ttlMs: 60_000 }),
    log: silentLog,
    metrics: noMetrics,
  };
  const user = userClients(peer);
  const product = productClients(peer);
  const order = orderClients(peer);
  const graph = graphClients(peer);
  const feed = feedClients(peer);
  const events = eventAdminClient(peer);
  onTestFinished(async () => {
    for (const clients of [user, product, order, graph, feed, events]) clients.close();
    await server.close();
  });

  const ctx = backgroundContext({ method: 'test', timeoutMs: 10_000 });
  const id = newId();
  const calls = {
    'plaza.user.v1.UserService/GetUser': () => user.users.getUser(ctx, { by: { $case: 'userId', value: id } }),
    'plaza.user.v1.SessionService/CreateSession': () =>
      user.sessions.createSession(ctx, { login: 'alice', password: 'a password' }),
    'plaza.user.v1.WalletService/GetWallet': () => user.wallets.getWallet(ctx, { userId: id }),
    'plaza.product.v1.ProductService/GetProduct': () => product.products.getProduct(ctx, { productId: id }),
    'plaza.product.v1.InventoryService/AdjustStock': () =>
      product.inventory.adjustStock(ctx, { productId: id, delta: 1n, reason: 'delivery' }),
    'plaza.order.v1.OrderService/GetOrder': () => order.orders.getOrder(ctx, { orderId: id }),
    'plaza.order.v1.CartService/GetCart': () => order.carts.getCart(ctx, { userId: id }),
    'plaza.graph.v1.SocialGraphService/ListFollowers': () => graph.graph.listFollowers(ctx, { userId: id }),
    'plaza.feed.v1.PostService/GetPost': () => feed.posts.getPost(ctx, { postId: id }),
    'plaza.feed.v1.FeedService/ListHomeFeed': () => feed.feed.listHomeFeed(ctx, { viewerId: id }),
    'plaza.common.v1.EventAdminService/GetOutboxStatus': () => events.getOutboxStatus(ctx, {}),
  };
  for (const [method, call] of Object.entries(calls))
    await expect(call()).rejects.toMatchObject({ reason: 'ARRIVED', message: method, details: { domain: 'plaza.all' } });
});
