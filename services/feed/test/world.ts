import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { feedClients } from '@plaza/clients';
import { firstIdAt, inLanes, newId, noMetrics, silentLog, type Clock, type Context } from '@plaza/core';
import { connectDb, type Db } from '@plaza/dynamo';
import { FeedState, type FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';
import type { Post } from '@plaza/proto/plaza/feed/v1/post';
import type { PostChanges } from '@plaza/proto/plaza/feed/v1/post_service';
import { asUser, eventually, startEngines, testContext, testKeys, uniqueNamespace, asItself } from '@plaza/testing';

import { createApp, type App } from '../src/app.ts';
import type { FeedConfig } from '../src/config.ts';
import type { Thresholds } from '../src/domain/home/mode.ts';
import { homeFeedTable, keys as keysOf } from '../src/store/table.ts';
import { createWorker } from '../src/worker-app.ts';
import { newPeerWorld, startGraphEvents, startPeers } from './peers.ts';

export type World = Awaited<ReturnType<typeof startWorld>>;

/** Feed service and worker over real engines and gRPC, between made-up peers; `over` changes what the worker or both are told. */
export const startWorld = async (
  over: {
    config?: Partial<FeedConfig>;
    worker?: Partial<FeedConfig>;
    workers?: number;
    workerNow?: Clock;
    now?: Clock;
    thresholds?: Thresholds;
  } = {},
) => {
  const engines = await startEngines();
  const namespace = uniqueNamespace();
  const keys = testKeys();
  const peers = newPeerWorld();
  const peer = await startPeers(peers);
  const config = asItself<FeedConfig>('feed', {
    listen: '127.0.0.1:0',
    adminListen: '127.0.0.1:0',
    allowPlaintext: false,
    reflection: false,
    logLevel: process.env['TEST_LOG'] ?? 'silent',
    namespace,
    createTables: true,
    dynamodbEndpoint: engines.dynamodbEndpoint,
    awsRegion: 'us-east-1',
    awsAccessKeyId: 'feed',
    redisUrl: engines.redisUrl,
    natsUrl: engines.natsUrl,
    signingKey: keys.keyring.signingKeys['feed'] ?? '',
    verifyKeys: keys.keyring.verifyKeys,
    pageSecret: 'of this test',
    crashAt: undefined,
    userAddress: peer.address,
    productAddress: peer.address,
    graphAddress: peer.address,
    rateLimits: 0,
    ...over.config,
  });
  const app = await createApp(config, over.now ? { now: over.now } : {});
  const newWorker = () =>
    createWorker(asItself('feed-worker', { ...config, ...over.worker }), {
      ...(over.workerNow && { now: over.workerNow }),
      ...(over.thresholds && { thresholds: over.thresholds }),
    });
  const workers = await Promise.all(Array.from({ length: over.workers ?? 1 }, newWorker));
  const events = startGraphEvents({ natsUrl: config.natsUrl, namespace });
  const clients = feedClients({ address: `127.0.0.1:${app.port}`, token: keys.tokenOf, log: silentLog, metrics: noMetrics });
  const db = connectDb({
    dynamodbEndpoint: engines.dynamodbEndpoint,
    awsRegion: 'us-east-1',
    namespace,
    log: silentLog,
    metrics: noMetrics,
    awsAccessKeyId: 'feed',
  });

  const person = (username = 'somebody'): string => {
    const userId = newId();
    peers.users.set(userId, User.fromPartial({ userId, username, displayName: `The ${username}` }));
    return userId;
  };
  const edge = (viewer: string): Set<string> => {
    const known = peers.following.get(viewer) ?? new Set<string>();
    peers.following.set(viewer, known);
    return known;
  };

  return {
    config,
    peers,
    peer,
    events,
    db: db as Db,
    engines,
    posts: clients.posts,
    feed: clients.feed,
    notifications: clients.notifications,
    feedAdmin: clients.feedAdmin,
    app,
    workers,
    newWorker,
    person,
    people: (count: number) => Array.from({ length: count }, (_, i) => person(`person${i}`)),
    product: (name = 'a thing'): string => {
      const productId = newId();
      peers.products.set(productId, {
        productId,
        sellerId: newId(),
        name,
        description: '',
        category: 'things',
        price: { currencyCode: 'EUR', units: 12n, nanos: 500_000_000 },
        available: 7n,
        etag: '1',
        createTime: undefined,
        updateTime: undefined,
        deleteTime: undefined,
      });
      return productId;
    },
    /** As the graph does: first the edge, then the event. */
    follow: async (viewer: string, author: string) => {
      edge(viewer).add(author);
      await events.followed(viewer, author);
    },
    unfollow: async (viewer: string, author: string) => {
      edge(viewer).delete(author);
      await events.unfollowed(viewer, author);
    },
    /** The edge alone, as if its event were still on its way. */
    edge,
    publish: async (authorId: string, text = 'a post', more: { visibility?: 1 | 2 | 3; productIds?: string[] } = {}) => {
      const { post } = await clients.posts.createPost(asUser(authorId), { authorId, text, ...more });
      return post as Post;
    },
    /** Changes what is given, as the author unless told otherwise. */
    edit: async (
      { postId, authorId }: Pick<Post, 'postId' | 'authorId'>,
      changes: Partial<PostChanges>,
      more: { etag?: string; requestId?: string } = {},
      ctx = asUser(authorId),
    ): Promise<Post> => {
      const updateMask = Object.keys(changes).map((field) => (field === 'productIds' ? 'product_ids' : field));
      return (await clients.posts.updatePost(ctx, { postId, changes, updateMask, ...more })).post!;
    },
    /** All pages of an author's posts. */
    listAll: async (authorId: string, ctx: () => Context = () => asUser(authorId), pageSize = 20): Promise<string[]> => {
      const ids: string[] = [];
      for (let pageToken = ''; ;) {
        const page = await clients.posts.listPosts(ctx(), { authorId, pageSize, pageToken });
        ids.push(...page.posts.map(({ postId }) => postId));
        pageToken = page.nextPageToken;
        if (pageToken === '') return ids;
      }
    },
    /** Samples of a metric of the service, or of a worker, by its labels as text. */
    metric: async (name: string, of: App = app): Promise<Record<string, number>> => {
      const text = await (await fetch(`http://127.0.0.1:${of.adminPort}/metrics`)).text();
      const samples = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      return Object.fromEntries(
        samples.map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
      );
    },
    /** All pages of a home feed. */
    readFeed: async (viewerId: string, pageSize = 20, ctx: () => Context = () => asUser(viewerId)): Promise<FeedItem[]> => {
      const items: FeedItem[] = [];
      let pageToken = '';
      do {
        const page = await clients.feed.listHomeFeed(ctx(), { viewerId, pageSize, pageToken });
        items.push(...page.items);
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      return items;
    },
    /** Reads the feeds until their rows are kept: from here on what is published is pushed into them. */
    awake: async (...viewerIds: string[]): Promise<void> => {
      await inLanes(viewerIds, 8, (viewerId) =>
        eventually(
          async () => {
            const { state } = await clients.feed.listHomeFeed(asUser(viewerId), { viewerId, pageSize: 1 });
            if (state !== FeedState.READY) throw new Error('the feed is not awake yet');
          },
          { timeoutMs: 20_000 },
        ),
      );
    },
    /** As if these very many had read just now, and had nothing to see. */
    awakeAtOnce: (viewerIds: readonly string[]): Promise<void> => {
      const [at, oldest] = [Date.now(), firstIdAt(Date.now())];
      const state = { epoch: 1, state: 'READY', since: at, floor: '', oldest, readAt: at, seen: '' };
      const put = viewerIds.map((viewerId) => ({ ...keysOf.feedMeta(viewerId), ...state }));
      return db.batchWrite(testContext({ timeoutMs: 60_000 }), homeFeedTable, { put });
    },
    /** Ids of the rows that the table holds, newest first. */
    rowsOf: async (viewerId: string): Promise<string[]> => {
      const { items } = await db.query(testContext(), homeFeedTable, { pk: viewerId, sk: { gte: '0' }, descending: true });
      return items.map(({ sk }) => sk);
    },
    close: async () => {
      clients.close();
      await Promise.all(workers.map((worker) => worker.close()));
      await app.close();
      await events.close();
      await peer.close();
      db.close();
      await engines.close();
    },
  };
};

export const idsOf = (items: readonly FeedItem[]): string[] => items.map((item) => item.post?.postId ?? '');

/** The refusal of a call that should be refused. */
export const refusalOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => new Error('it was not refused'),
    (error: unknown) => error,
  );
