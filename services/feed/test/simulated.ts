import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { isAppError, newId, noMetrics, type Context } from '@plaza/core';
import { createMemoryDb, createOutboxStore } from '@plaza/dynamo';
import {
  followCreated,
  followRemoved,
  SHARDS,
  type Bus,
  type Consumers,
  type EventType,
  type OutboxRow,
  type TaskType,
} from '@plaza/events';
import { FollowEnd } from '@plaza/proto/plaza/graph/v1/events';
import type { FeedSignal } from '@plaza/proto/plaza/feed/v1/signals';
import { Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { testContext } from '@plaza/testing';

import { createPayAttention } from '../src/attention.ts';
import { registerConsumers } from '../src/consumers/index.ts';
import { feedHandlers, postHandlers } from '../src/handlers/index.ts';
import { createFanOut } from '../src/fan-out.ts';
import { createPeers } from '../src/peers.ts';
import { createAppliedStore } from '../src/store/home/applied-store.ts';
import { createBackfill } from '../src/store/home/backfill.ts';
import { createDelivery } from '../src/store/home/delivery.ts';
import { createErasureStore } from '../src/store/erasure-store.ts';
import { createCountStore } from '../src/store/posts/count-store.ts';
import { createEngagementErasure } from '../src/store/posts/engagement-erasure.ts';
import { createListReader } from '../src/store/posts/list-reader.ts';
import { createAttentionStore } from '../src/store/posts/attention-store.ts';
import { createSaleStore } from '../src/store/posts/sale-store.ts';
import { createPurchaseStore } from '../src/store/home/purchase-store.ts';
import { createStoryErasure } from '../src/store/home/story-erasure.ts';
import { createStoryStore } from '../src/store/home/story-store.ts';
import { createTruths } from '../src/store/home/truths.ts';
import { createPostReader } from '../src/store/posts/post-reader.ts';
import { createReceiptStore } from '../src/store/home/receipt-store.ts';
import { postsTable } from '../src/store/table.ts';
import { DEATH, lagOf, type Chance } from './chance.ts';
import { consumersBy, depsInMemory, feedsInMemory } from './in-memory.ts';

type Handler = (ctx: Context, bytes: Uint8Array, id: string) => Promise<void>;

/**
 * Service and worker, whole, over a table in memory and a graph that is a set of edges. Messages are handled at any time, in any
 * order, some twice; a handler that fails or dies gets its message again.
 */
export const simulate = (chance: Chance) => {
  let live = false;
  const edges = new Set<string>();
  const history: { at: number; edge: string; begins: boolean }[] = [];
  let clock = 0;
  const underway = new Set<Promise<void>>();
  /** Of each durable, by the subject that it listens to. */
  const handlers = new Map<string, Handler[]>();
  const published = new Set<string>();
  /** Every event that ever reached the bus: what the archives of feed and graph hold. */
  const archive: { subject: string; bytes: Uint8Array; id: string }[] = [];
  let wipes = 0;

  const turns = async (label: string, method: string) => {
    for (let left = live ? lagOf(method) : -1; left >= 0; left--) await chance.turn(label);
  };
  const db = createMemoryDb({
    faults: async ({ verb, method }) => {
      if (!live) return undefined;
      await turns(verb, method);
      const fault = chance.fault();
      // Only the worker's processes die here: a client's request that dies is one whose reply is lost.
      if (fault !== 'death') return fault;
      if (method.startsWith('worker')) throw DEATH;
      return 'unreachable';
    },
  });

  const deliver = (subject: string, bytes: Uint8Array, id: string): void => {
    for (const handle of handlers.get(subject) ?? [])
      for (let copies = live && chance.twice() ? 2 : 1; copies > 0; copies--) {
        const delivery = attempt(handle, subject, bytes, id).finally(() => underway.delete(delivery));
        underway.add(delivery);
      }
  };
  const attempt = async (handle: Handler, subject: string, bytes: Uint8Array, id: string): Promise<void> => {
    for (const before = wipes; ;) {
      if (live) await chance.turn(subject);
      if (wipes > before) return;
      try {
        const method = `worker ${live ? chance.lag() : 0}`;
        return await handle(testContext({ method }), bytes, id);
      } catch (error) {
        if (error !== DEATH && !isAppError(error)) throw error;
      }
    }
  };
  const publish = (subject: string, bytes: Uint8Array, id: string) => {
    archive.push({ subject, bytes, id });
    deliver(subject, bytes, id);
  };
  const relay = {
    nudge: (rows: readonly OutboxRow[]) => {
      for (const row of rows) {
        published.add(row.sk);
        publish(row.subject, row.payload, row.sk);
      }
    },
  };
  const on = <T>(type: EventType<T> | TaskType<T>, options: Parameters<Consumers['on']>[1]) => {
    // What is counted changes no feed, and is simulated elsewhere.
    if (/^feed-(count|trend)-/.test(options.durable)) return;
    handlers.set(type.subject, [
      ...(handlers.get(type.subject) ?? []),
      (ctx, bytes, id) => {
        const meta = { id, at: Date.now(), aggregateId: '', version: 0, tries: 1, stopping: new AbortController().signal };
        return options.handle(ctx, type.decode(bytes) as never, meta);
      },
    ]);
  };

  const follows = (viewer: string, author: string) => edges.has(`${viewer} ${author}`);
  const graph = {
    checkVisibility: async (
      ctx: Context,
      request: { viewerId?: string | undefined; authorIds?: readonly string[] | undefined },
    ) => {
      await turns('check', ctx.method);
      const authors = (request.authorIds ?? []).map((authorId) => ({
        authorId,
        visibility: Visibility.VISIBLE,
        following: follows(request.viewerId ?? '', authorId),
        repostsMuted: false,
      }));
      await turns('checked', ctx.method);
      return { authors, epoch: '' };
    },
    checkAudience: async (
      ctx: Context,
      { authorId = '', viewerIds = [] }: { authorId?: string | undefined; viewerIds?: readonly string[] | undefined },
    ) => {
      await turns('audience', ctx.method);
      const viewers = viewerIds.map((viewerId) => ({
        viewerId,
        visibility: Visibility.VISIBLE,
        following: follows(viewerId, authorId),
        repostsMuted: false,
      }));
      return { viewers };
    },
    streamFollowers: async function* (ctx: Context, { authorId }: { authorId?: string | undefined }) {
      await turns('followers', ctx.method);
      const followerIds = [...edges].flatMap((edge) => (edge.endsWith(` ${authorId}`) ? [edge.split(' ')[0]!] : []));
      await turns('streamed', ctx.method);
      yield { followerIds, resumeToken: '' };
    },
    streamFollowing: async function* (ctx: Context, { followerId }: { followerId?: string | undefined }) {
      await turns('following', ctx.method);
      const followeeIds = [...edges].flatMap((edge) => (edge.startsWith(`${followerId} `) ? [edge.split(' ')[1]!] : []));
      await turns('streamed', ctx.method);
      yield { followeeIds, resumeToken: '' };
    },
  };
  const peers = createPeers({
    users: { batchGetUsers: async (_ctx, { userIds = [] }) => ({ users: userIds.map(someone), missingIds: [] }) },
    products: { batchGetProducts: async () => ({ products: [], missingIds: [] }) },
    graph,
  });
  const reader = createPostReader({ db });
  const now = () => Date.now();
  const lists = createListReader({ db, now });
  const tasks: Pick<Bus, 'enqueue'> = {
    enqueue: async (task, payload, { id }) => {
      if (live) await chance.turn('enqueue');
      deliver(task.subject, task.encode(payload), id);
    },
  };
  const feeds = feedsInMemory({ db, graph, tasks, now });
  const { homeFeeds, timelines, states, saves, sourcesOf } = feeds;
  const erasures = createErasureStore({ db, posts: reader, lists, homeFeeds, now });
  const bring = createDelivery({ homeFeeds, erasures });
  const receipts = createReceiptStore({ db });
  const rpc = depsInMemory({ db, relay, tasks, feeds, peers, audiences: graph });
  const hears: { signals?: FeedSignal[] } = {};
  const say = (it: FeedSignal) => (hears.signals ? hears.signals.push(it) : rpc.liveFeeds.arrivals.hear(it));
  registerConsumers(consumersBy(on), {
    posts: reader,
    truths: createTruths({ db }),
    homeFeeds,
    receipts,
    applied: createAppliedStore({ db, now }),
    deliver: bring,
    backfill: createBackfill({ timelines, states, deliver: bring, now }),
    sourcesOf,
    erasures,
    engagementErasure: createEngagementErasure({ db, now }),
    storyErasure: createStoryErasure({ db, now }),
    stories: createStoryStore({ db }),
    purchases: createPurchaseStore({ db, now }),
    saves,
    counts: createCountStore({ db, now }),
    users: { reportErasure: async () => ({}) },
    peers,
    fanOut: createFanOut({
      followersOf: (ctx, { sourceId, audience }) =>
        audience === 'SAVERS' ? saves.savers(ctx, sourceId) : graph.streamFollowers(ctx, { authorId: sourceId }),
      tasks,
      receipts,
      newId,
    }),
    live: {
      pushed: (entry, sourceId, viewerIds) => say({ entry, sourceId, viewerIds: [...viewerIds] }),
      pulled: (entry, sourceId) => say({ entry, sourceId, viewerIds: [] }),
    },
    payAttention: createPayAttention({ attention: createAttentionStore({ db, now }), posts: reader, peers }),
    sales: createSaleStore({ db, now }),
    metrics: noMetrics,
    // Late: every event may be a replay.
    now: () => Date.now() + 60_000,
  });

  const change = (viewer: string, author: string, begins: boolean) => {
    const edge = `${viewer} ${author}`;
    if (edges.has(edge) === begins) return;
    edges[begins ? 'add' : 'delete'](edge);
    history.push({ at: clock++, edge, begins });
    const payload = { followerId: viewer, followeeId: author };
    if (begins) publish(followCreated.subject, followCreated.encode({ ...payload, followTime: undefined }), newId());
    else publish(followRemoved.subject, followRemoved.encode({ ...payload, cause: FollowEnd.UNFOLLOWED }), newId());
  };

  return {
    db,
    feeds,
    rpc,
    graph,
    /** Signals that are given here are kept back from the streams. */
    hears,
    posts: postHandlers(rpc),
    feed: feedHandlers(rpc),
    follows,
    follow: (viewer: string, author: string) => change(viewer, author, true),
    unfollow: (viewer: string, author: string) => change(viewer, author, false),
    /** The bus loses all that waits in it, tasks too; then the relays replay their archives. */
    wipe: () => {
      wipes++;
      for (const { subject, bytes, id } of archive) deliver(subject, bytes, id);
    },
    tick: () => clock++,
    /** Whether the viewer followed the author at any moment of a span of ticks. */
    followedWithin(viewer: string, author: string, from: number, to: number): boolean {
      const edge = `${viewer} ${author}`;
      const past = history.filter((entry) => entry.edge === edge);
      const before = past.filter(({ at }) => at < from).at(-1)?.begins ?? false;
      return before || past.some(({ at, begins }) => begins && at >= from && at <= to);
    },
    /** From here on chance decides; before, everything happens in order. */
    begin: () => {
      live = true;
    },
    /** Publishes what no nudge did, and waits until every message is handled. */
    async settle(): Promise<void> {
      live = false;
      const outbox = createOutboxStore(db, postsTable);
      for (let shard = 0; shard < SHARDS; shard++) {
        const rows = await outbox.pending(testContext(), shard, 1000);
        relay.nudge(rows.filter(({ sk }) => !published.has(sk)));
      }
      while (underway.size > 0) await Promise.all(underway);
    },
  };
};

const someone = (userId: string) => User.fromPartial({ userId, username: 'someone' });
