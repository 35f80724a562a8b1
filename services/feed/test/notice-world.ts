import { AppError, idTime, newId, type Context } from '@plaza/core';
import { createMemoryDb, type Faults } from '@plaza/dynamo';
import { outboxRow, type Consumers, type EventType, type OutboxRow } from '@plaza/events';
import { NotificationKind, type Notification } from '@plaza/proto/plaza/feed/v1/notification_service';
import { Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { Product } from '@plaza/proto/plaza/product/v1/product_service';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { asUser, testContext } from '@plaza/testing';

import { addNotifying } from '../src/consumers/notify.ts';
import { addNotifyingSavers } from '../src/consumers/notify-savers.ts';
import { addCounting } from '../src/consumers/count-posts.ts';
import { notificationHandlers, postHandlers } from '../src/handlers/index.ts';
import { createMentioned } from '../src/mentioned.ts';
import { createPeers } from '../src/peers.ts';
import { createErasureStore } from '../src/store/erasure-store.ts';
import { createSavedProducts, saveOrder } from '../src/store/home/saved-products.ts';
import { createStoryStore } from '../src/store/home/story-store.ts';
import { createNoticeWriter } from '../src/store/notifications/notice-writer.ts';
import { createCountStore } from '../src/store/posts/count-store.ts';
import { createListReader } from '../src/store/posts/list-reader.ts';
import { createPostReader } from '../src/store/posts/post-reader.ts';
import { consumersBy, depsInMemory, feedsInMemory } from './in-memory.ts';

type Handler = (bytes: Uint8Array, id: string) => Promise<void>;

/** Service and worker, as far as notifications need them, over a table in memory; a test delivers what has happened. */
export const noticeWorld = (faults: Faults = () => undefined) => {
  const calls: Record<string, number> = {};
  let counting = false;
  const count = (name: string): undefined => {
    if (counting) calls[name] = (calls[name] ?? 0) + 1;
  };
  const db = createMemoryDb({ faults: (of) => count(of.verb) ?? faults(of) });
  const now = () => Date.now();
  const [hidden, muted, gone] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const named = new Map<string, string>();
  const away = { graph: false, products: false };
  const peers = createPeers({
    users: {
      batchGetUsers: async (_ctx, { userIds = [] }) => {
        count('users');
        return { users: userIds.map((userId) => User.fromPartial({ userId, username: `name of ${userId}` })), missingIds: [] };
      },
    },
    products: {
      batchGetProducts: async (_ctx, { productIds = [] }) => {
        count('products');
        if (away.products) throw new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'the test said so');
        const found = productIds.filter((id) => !gone.has(id));
        return {
          products: found.map((productId) => Product.fromPartial({ productId, sellerId: 'seller', name: 'a thing' })),
          missingIds: [],
        };
      },
    },
    graph: {
      checkVisibility: async (_ctx, { viewerId, authorIds = [] }) => {
        count('graph');
        if (away.graph) throw new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'the test said so');
        const authors = authorIds.map((authorId) => ({
          authorId,
          visibility: hidden.has(`${viewerId} ${authorId}`)
            ? Visibility.HIDDEN
            : muted.has(`${viewerId} ${authorId}`)
              ? Visibility.MUTED
              : Visibility.VISIBLE,
          following: false,
          repostsMuted: false,
        }));
        return { authors, epoch: '' };
      },
    },
  });

  const happened: OutboxRow[] = [];
  const posts = createPostReader({ db });
  const lists = createListReader({ db, now });
  const saves = createSavedProducts({ db, now });
  const feeds = feedsInMemory({ db });
  const deps = depsInMemory({ db, peers, feeds, relay: { nudge: (rows) => void happened.push(...rows) } });
  const erasures = createErasureStore({ db, posts, lists, homeFeeds: feeds.homeFeeds, now });
  const rung: string[] = [];
  /** Signals get lost. */
  const deaf = { on: false };
  const writer = createNoticeWriter({
    db,
    erasures,
    rung: (userId) => {
      rung.push(userId);
      if (!deaf.on) deps.noticeHub.wake(userId);
    },
  });
  const handlers = new Map<string, Handler[]>();
  const consumers = consumersBy(<T>(type: EventType<T> | { subject: string }, options: Parameters<Consumers['on']>[1]) => {
    const event = type as EventType<T>;
    handlers.set(event.subject, [
      ...(handlers.get(event.subject) ?? []),
      (bytes, id) => {
        const meta = { id, at: now(), aggregateId: '', version: 0, tries: 1, stopping: new AbortController().signal };
        return options.handle(testContext(), event.decode(bytes) as never, meta);
      },
    ]);
  });
  const mentioned = createMentioned({
    getUser: async (_ctx, { by }) => {
      const userId = named.get(by?.value ?? '');
      if (userId === undefined) throw new AppError('NOT_FOUND', 'USER_NOT_FOUND', 'there is no such user');
      return { user: User.fromPartial({ userId }) };
    },
  });
  addNotifying(consumers, { posts, noticeWriter: writer, mentioned });
  addNotifyingSavers(consumers, {
    noticeWriter: writer,
    saves,
    stories: createStoryStore({ db }),
  });
  addCounting(consumers, { counts: createCountStore({ db, now }) });

  const deliver = (row: Pick<OutboxRow, 'subject' | 'payload' | 'sk'>) =>
    Promise.all((handlers.get(row.subject) ?? []).map((handle) => handle(row.payload, row.sk)));
  /** A millisecond after all others, as it is between people. */
  const event = <T>(type: EventType<T>, payload: T): OutboxRow => ({
    ...outboxRow(type, payload, { aggregateId: 'x', version: 1, at: Date.now(), trace: '' }),
    sk: newId(idTime(newId()) + 1),
  });
  const rpc = { posts: postHandlers(deps), notices: notificationHandlers(deps) };

  return {
    db,
    deps,
    erasures,
    hidden,
    muted,
    gone,
    named,
    save: (userId: string, productId: string, saved = true) =>
      saves.note(testContext(), { userId, productId, saved, order: saveOrder(1, newId()) }),
    away,
    rung,
    deaf,
    happened,
    deliver,
    ...rpc,
    /** Delivers what has happened since the last time. */
    async settle(): Promise<void> {
      for (const row of happened.splice(0)) await deliver(row);
    },
    /** An event of another service, not delivered yet. */
    event,
    async tell<T>(type: EventType<T>, payload: T): Promise<OutboxRow> {
      const row = event(type, payload);
      await deliver(row);
      return row;
    },
    publish: async (authorId: string, text = 'a post', more: { replyToPostId?: string; visibility?: 1 | 2 | 3 } = {}) => {
      const wish = {
        authorId,
        text,
        media: [],
        productIds: [],
        visibility: 1 as const,
        replyToPostId: '',
        requestId: '',
        ...more,
      };
      return (await rpc.posts.createPost(asUser(authorId), wish)).post!.postId;
    },
    like: (userId: string, postId: string) => rpc.posts.like(asUser(userId), { userId, postId, requestId: newId() }),
    list: async (userId: string, pageSize = 0, ctx: Context = asUser(userId)): Promise<Notification[]> => {
      const all: Notification[] = [];
      for (let pageToken = ''; ;) {
        const page = await rpc.notices.listNotifications(ctx, { userId, pageSize, pageToken });
        all.push(...page.notifications);
        if (page.nextPageToken === '') return all;
        pageToken = page.nextPageToken;
      }
    },
    unread: async (userId: string) => (await rpc.notices.getUnreadCount(asUser(userId), { userId })).unread,
    /** What leaves the service while it runs. */
    async callsOf(run: () => Promise<unknown>): Promise<Record<string, number>> {
      for (const name of Object.keys(calls)) delete calls[name];
      counting = true;
      await run();
      counting = false;
      return { ...calls };
    },
  };
};

/** "LIKE 2": kind and how many. */
export const briefly = (items: readonly Notification[]): string[] =>
  items.map(({ kind, actorCount }) => `${KIND_NAMES.get(kind)} ${actorCount}`);

const KIND_NAMES = new Map<number, string>(Object.entries(NotificationKind).map(([name, value]) => [value, name]));
