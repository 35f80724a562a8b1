import { newId, noMetrics, type Context } from '@plaza/core';
import { createMemoryDb, createOutboxStore } from '@plaza/dynamo';
import { followCreated, followRemoved, SHARDS, type Bus, type EventType, type TaskType } from '@plaza/events';
import type { FeedItem, FeedOrder } from '@plaza/proto/plaza/feed/v1/feed_service';
import { FollowEnd } from '@plaza/proto/plaza/graph/v1/events';
import { Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { Product } from '@plaza/proto/plaza/product/v1/product_service';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { asUser, testContext } from '@plaza/testing';

import { createPayAttention } from '../src/attention.ts';
import { registerConsumers } from '../src/consumers/index.ts';
import { createFanning } from '../src/fanning.ts';
import { feedHandlers, postHandlers } from '../src/handlers/index.ts';
import { createPeers } from '../src/peers.ts';
import { createErasureStore } from '../src/store/erasure-store.ts';
import { createAppliedStore } from '../src/store/home/applied-store.ts';
import { createDelivery } from '../src/store/home/delivery.ts';
import { createTruths } from '../src/store/home/truths.ts';
import { createAttentionStore } from '../src/store/posts/attention-store.ts';
import { createCountStore } from '../src/store/posts/count-store.ts';
import { createEngagementErasure } from '../src/store/posts/engagement-erasure.ts';
import { createListReader } from '../src/store/posts/list-reader.ts';
import { createPostReader } from '../src/store/posts/post-reader.ts';
import { createSaleStore } from '../src/store/posts/sale-store.ts';
import { createTelling } from '../src/telling.ts';
import { homeFeedTable, postsTable } from '../src/store/table.ts';
import { consumersBy, depsInMemory, feedsInMemory } from './in-memory.ts';

export type StoryWorld = ReturnType<typeof createStoryWorld>;

/** An event as it is on the bus: the same to be told again. */
export interface Told {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly id: string;
  readonly at: number;
  readonly version: number;
}

/** Service and worker over a table in memory, between peers that say what the test says. Events are handled at once, one by one. */
export const createStoryWorld = (over: Partial<Parameters<typeof depsInMemory>[0]> = {}) => {
  /** What left the service: reads by many keys, and calls of peers. */
  const calls = { batchGet: 0, graph: 0, users: 0, products: 0 };
  const db = createMemoryDb({ faults: ({ verb }) => void (verb === 'batchGet' && calls.batchGet++) });
  const following = new Set<string>();
  const [hidden, muted, repostsMuted] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const products = new Map<string, Product>();
  const away = { product: false, graph: false };
  const handlers = new Map<string, ((told: Told) => Promise<void>)[]>();
  const now = over.now ?? Date.now;

  const deliver = async (told: Told): Promise<void> => {
    for (const handle of handlers.get(told.subject) ?? []) await handle(told);
  };
  const on = <T>(type: EventType<T> | TaskType<T>, options: { durable: string; handle: (...args: never[]) => Promise<void> }) => {
    const handle = ({ bytes, id, at, version }: Told) => {
      const meta = { id, at, aggregateId: '', version, tries: 2, stopping: new AbortController().signal };
      return options.handle(...([testContext({ method: options.durable }), type.decode(bytes), meta] as never[]));
    };
    handlers.set(type.subject, [...(handlers.get(type.subject) ?? []), handle]);
  };
  const tasks: Pick<Bus, 'enqueue'> = {
    enqueue: async (task, payload, { id }) =>
      deliver({ subject: task.subject, bytes: task.encode(payload), id, at: now(), version: 0 }),
  };
  const fail = () => Promise.reject(new Error('away'));
  const graph = {
    checkVisibility: async (
      _ctx: Context,
      { viewerId = '', authorIds = [] }: { viewerId?: string; authorIds?: readonly string[] },
    ) => {
      calls.graph++;
      if (away.graph) return fail();
      const authors = authorIds.map((authorId) => {
        const pair = `${viewerId} ${authorId}`;
        const visibility = hidden.has(pair) ? Visibility.HIDDEN : muted.has(pair) ? Visibility.MUTED : Visibility.VISIBLE;
        return { authorId, visibility, following: following.has(pair), repostsMuted: repostsMuted.has(pair) };
      });
      return { authors, epoch: '' };
    },
    streamFollowers: async function* (_ctx: Context, { authorId = '' }: { authorId?: string }) {
      yield {
        followerIds: [...following].filter((pair) => pair.endsWith(authorId)).map((pair) => pair.split(' ')[0]!),
        resumeToken: '',
      };
    },
    batchGetCounts: async () => ({ counts: [] }),
    streamFollowing: async function* (_ctx: Context, { followerId = '' }: { followerId?: string }) {
      yield {
        followeeIds: [...following].filter((pair) => pair.startsWith(followerId)).map((pair) => pair.split(' ')[1]!),
        resumeToken: '',
      };
    },
  };
  const peers = createPeers({
    users: {
      batchGetUsers: async (_ctx, { userIds = [] }) => {
        calls.users++;
        return { users: userIds.map((userId) => User.fromPartial({ userId })), missingIds: [] };
      },
    },
    products: {
      batchGetProducts: async (_ctx, { productIds = [] }) => {
        calls.products++;
        if (away.product) return fail();
        return { products: productIds.flatMap((id) => products.get(id) ?? []), missingIds: [] };
      },
    },
    graph: graph as never,
  });
  const feeds = feedsInMemory({ db, graph: graph as never, tasks, now });
  const posts = createPostReader({ db });
  const erasures = createErasureStore({ db, posts, lists: createListReader({ db, now }), homeFeeds: feeds.homeFeeds, now });
  registerConsumers(consumersBy(on as never), {
    ...createFanning({
      db,
      feeds,
      truths: createTruths({ db }),
      deliver: createDelivery({ homeFeeds: feeds.homeFeeds, erasures }),
      graph: graph as never,
      tasks,
      live: { pushed: () => undefined, pulled: () => undefined },
      metrics: noMetrics,
      now,
      newId,
    }),
    ...createTelling({ db, now }),
    posts,
    applied: createAppliedStore({ db, now }),
    erasures,
    engagementErasure: createEngagementErasure({ db, now }),
    saves: feeds.saves,
    counts: createCountStore({ db, now }),
    users: { reportErasure: async () => ({}) },
    peers,
    payAttention: createPayAttention({ attention: createAttentionStore({ db, now }), posts, peers }),
    sales: createSaleStore({ db, now }),
    metrics: noMetrics,
    now,
  });
  const deps = depsInMemory({ db, tasks, feeds, peers, now, ...over });
  const service = { ...postHandlers(deps), ...feedHandlers(deps) };

  const told = <T>(type: EventType<T>, payload: T, about: { version?: number; at?: number; id?: string } = {}): Told => {
    const { version = 1, at = now(), id = newId(at) } = about;
    return { subject: type.subject, bytes: type.encode(payload), id, at, version };
  };
  const tell = async <T>(type: EventType<T>, payload: T, about?: { version?: number; at?: number }): Promise<Told> => {
    const event = told(type, payload, about);
    await deliver(event);
    return event;
  };
  /** What the service itself told. */
  const settle = async (): Promise<void> => {
    const outbox = createOutboxStore(db, postsTable);
    for (let shard = 0; shard < SHARDS; shard++) {
      const rows = await outbox.pending(testContext(), shard, 1000);
      for (const { subject, payload, sk, occurredAt, version } of rows)
        await deliver({ subject, bytes: payload, id: sk, at: occurredAt, version });
      await outbox.archive(testContext(), rows);
    }
  };

  const read = (viewerId: string, pageToken = '', pageSize = 20, order: FeedOrder = 0) =>
    service.listHomeFeed(asUser(viewerId), { viewerId, pageSize, pageToken, order });
  const done = async <T>(call: Promise<T>): Promise<T> => {
    const answer = await call;
    await settle();
    return answer;
  };
  return {
    db,
    calls,
    /** What it tells waits for the next call by one of the names below. */
    service,
    products,
    hidden,
    muted,
    repostsMuted,
    following,
    away,
    told,
    tell,
    deliver,
    read,
    product: (sellerId: string): string => {
      const productId = newId();
      products.set(
        productId,
        Product.fromPartial({ productId, sellerId, name: 'tea', price: { currencyCode: 'EUR', units: 3n, nanos: 0 } }),
      );
      return productId;
    },
    follow: async (viewer: string, author: string): Promise<void> => {
      following.add(`${viewer} ${author}`);
      await tell(followCreated, { followerId: viewer, followeeId: author, followTime: undefined });
    },
    unfollow: async (viewer: string, author: string): Promise<void> => {
      following.delete(`${viewer} ${author}`);
      await tell(followRemoved, { followerId: viewer, followeeId: author, cause: FollowEnd.UNFOLLOWED });
    },
    publish: async (authorId: string, visibility: 1 | 2 | 3 = 1): Promise<string> => {
      const request = { authorId, text: 'x', media: [], productIds: [], visibility, requestId: '', replyToPostId: '' };
      return (await done(service.createPost(asUser(authorId), request))).post!.postId;
    },
    edit: (authorId: string, postId: string, visibility: 1 | 2 | 3) => {
      const changes = { text: '', media: [], productIds: [], visibility };
      return done(service.updatePost(asUser(authorId), { postId, changes, updateMask: ['visibility'], etag: '', requestId: '' }));
    },
    deletePost: (authorId: string, postId: string) => done(service.deletePost(asUser(authorId), { postId, requestId: '' })),
    repost: (userId: string, postId: string) => done(service.repost(asUser(userId), { userId, postId, requestId: '' })),
    undoRepost: (userId: string, postId: string) => done(service.undoRepost(asUser(userId), { userId, postId, requestId: '' })),
    like: (userId: string, postId: string) => done(service.like(asUser(userId), { userId, postId, requestId: '' })),
    /** All pages of a feed, which is read twice: while it is put together, and from its rows. Both must say the same. */
    feed: async (viewerId: string, pageSize = 20): Promise<FeedItem[]> => {
      const all = async (): Promise<FeedItem[]> => {
        const items: FeedItem[] = [];
        for (let pageToken = ''; ;) {
          const page = await read(viewerId, pageToken, pageSize);
          items.push(...page.items);
          pageToken = page.nextPageToken;
          if (pageToken === '') return items;
        }
      };
      return all();
    },
    rowsOf: async (viewerId: string): Promise<string[]> =>
      (await db.query(testContext(), homeFeedTable, { pk: viewerId, sk: { gte: '0' } })).items.map(({ sk }) => sk),
  };
};
