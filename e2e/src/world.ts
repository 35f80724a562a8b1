import { inLanes, newId } from '@plaza/core';
import { FeedState } from '@plaza/proto/plaza/feed/v1/feed_service';
import type { Order } from '@plaza/proto/plaza/order/v1/order_service';
import type { Engines, Plaza, PlazaOptions } from '@plaza/testing';
import { eventually, startEngines, startPlaza, uniqueNamespace } from '@plaza/testing';
import { expect } from 'vitest';

/** All of Plaza as real processes, and short words for what the stories do with it. Everything goes over the network. */
export interface World {
  readonly plaza: Plaza;
  readonly engines: Engines;
  /** @throws Error if a process did meanwhile what its user or its table access does not allow */
  close(): Promise<void>;
  person(name?: string): Promise<string>;
  /** A seller with one product of `stock` units at `euros`. */
  shelf(stock: number, euros: number): Promise<{ sellerId: string; productId: string }>;
  fund(userId: string, euros: number): Promise<void>;
  order(userId: string, productId: string, options?: { quantity?: number; requestId?: string }): Promise<Order>;
  follow(followerId: string, followeeId: string): Promise<void>;
  unfollow(followerId: string, followeeId: string): Promise<void>;
  post(authorId: string, text?: string, productIds?: string[]): Promise<string>;
  /** Ids of the whole home feed, newest first, over all pages. */
  feed(viewerId: string, pageSize?: number): Promise<string[]>;
  /** Reads the feeds until their rows are kept: from here on what is published is pushed into them. */
  awake(...viewerIds: string[]): Promise<void>;
  stock(productId: string): Promise<bigint>;
  /** Minor units. */
  wallet(userId: string): Promise<{ balance: bigint; available: bigint; held: bigint }>;
}

export const startWorld = async (options: Partial<PlazaOptions> = {}): Promise<World> => {
  const engines = await startEngines();
  const oversteps: string[] = [];
  const log: PlazaOptions['log'] = (name, line) => {
    if (OVERSTEP.test(line)) oversteps.push(`${name} ${line}`);
    options.log?.(name, line);
  };
  const plaza = await startPlaza({ engines, namespace: uniqueNamespace(), ...options, log });
  const close = async () => {
    await plaza.close();
    await engines.close();
    if (oversteps.length > 0) throw new Error(`processes overstepped:\n${oversteps.join('\n')}`);
  };
  return { plaza, engines, ...words(plaza), close };
};

/** What is refused is retried or done without, so that a story may end well all the same. */
const OVERSTEP = /"(bus\.(permission|login)_refused|cache\.(command|login)\.refused)"|is not declared by this process/;

const words = (plaza: Plaza): Omit<World, 'plaza' | 'engines' | 'close'> => {
  const { clients } = plaza;
  const admin = () => plaza.asAdmin(20_000);
  const person = async (name = `p${newId().slice(-12).toLowerCase()}`) => {
    const { user } = await clients.users.createUser(admin(), {
      username: name,
      email: `${name}@example.com`,
      requestId: newId(),
    });
    return user!.userId;
  };
  return {
    person,
    shelf: async (stock, price) => {
      const sellerId = await person();
      const { product } = await clients.products.createProduct(admin(), {
        sellerId,
        name: 'Teapot',
        category: 'home-kitchen',
        price: euros(price),
        initialStock: BigInt(stock),
        requestId: newId(),
      });
      return { sellerId, productId: product!.productId };
    },
    fund: async (userId, amount) => {
      await clients.wallets.creditWallet(admin(), { userId, amount: euros(amount), reason: 'test', requestId: newId() });
    },
    order: async (userId, productId, { quantity = 1, requestId = newId() } = {}) => {
      const lines = [{ productId, quantity: BigInt(quantity) }];
      const { order } = await clients.orders.createOrder(plaza.asUser(userId, 20_000), {
        userId,
        lines,
        shippingAddress: ADDRESS,
        requestId,
      });
      return order!;
    },
    follow: async (followerId, followeeId) => {
      await clients.graph.follow(plaza.asUser(followerId), { followerId, followeeId, requestId: newId() });
    },
    unfollow: async (followerId, followeeId) => {
      await clients.graph.unfollow(plaza.asUser(followerId), { followerId, followeeId, requestId: newId() });
    },
    post: async (authorId, text = 'Hello', productIds = []) => {
      const { post } = await clients.posts.createPost(plaza.asUser(authorId), { authorId, text, productIds, requestId: newId() });
      return post!.postId;
    },
    feed: async (viewerId, pageSize = 100) => {
      const ids: string[] = [];
      let pageToken = '';
      do {
        const page = await clients.feed.listHomeFeed(plaza.asUser(viewerId), { viewerId, pageSize, pageToken });
        ids.push(...page.items.map(({ post, itemId }) => post?.postId ?? itemId));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      return ids;
    },
    awake: async (...viewerIds) => {
      await inLanes(viewerIds, 8, (viewerId) =>
        eventually(
          async () => {
            const { state } = await clients.feed.listHomeFeed(plaza.asUser(viewerId), { viewerId, pageSize: 1 });
            expect(state).toBe(FeedState.READY);
          },
          { timeoutMs: 45_000, everyMs: 50 },
        ),
      );
    },
    stock: async (productId) => (await clients.products.getProduct(admin(), { productId })).product!.available,
    wallet: async (userId) => {
      const { wallet } = await clients.wallets.getWallet(plaza.asUser(userId), { userId });
      return { balance: cents(wallet!.balance), available: cents(wallet!.available), held: cents(wallet!.held) };
    },
  };
};

export const ADDRESS = { name: 'Ada', lines: ['1 Plaza Street'], postalCode: '10115', city: 'Berlin', countryCode: 'DE' };

export const euros = (units: number) => ({ currencyCode: 'EUR', units: BigInt(units), nanos: 0 });

export const cents = (money: { units: bigint; nanos: number } | undefined): bigint =>
  money ? money.units * 100n + BigInt(Math.round(money.nanos / 1e7)) : 0n;
