import { isAppError, newId, noMetrics, type Context } from '@plaza/core';
import { createMemoryDb, createOutboxStore } from '@plaza/dynamo';
import { SHARDS, type Bus, type Consumers, type EventType, type OutboxRow, type TaskType } from '@plaza/events';
import type { FeedSignal } from '@plaza/proto/plaza/feed/v1/signals';
import { testContext } from '@plaza/testing';

import { createPayAttention } from '../src/attention.ts';
import { registerConsumers } from '../src/consumers/index.ts';
import { feedHandlers, postHandlers } from '../src/handlers/index.ts';
import type { Thresholds } from '../src/domain/home/mode.ts';
import { createFanning } from '../src/fanning.ts';
import { createPeers } from '../src/peers.ts';
import { createAppliedStore } from '../src/store/home/applied-store.ts';
import { createDelivery } from '../src/store/home/delivery.ts';
import { createErasureStore } from '../src/store/erasure-store.ts';
import { createCountStore } from '../src/store/posts/count-store.ts';
import { createEngagementErasure } from '../src/store/posts/engagement-erasure.ts';
import { createListReader } from '../src/store/posts/list-reader.ts';
import { createAttentionStore } from '../src/store/posts/attention-store.ts';
import { createSaleStore } from '../src/store/posts/sale-store.ts';
import { createTruths } from '../src/store/home/truths.ts';
import { createTelling } from '../src/telling.ts';
import { createPostReader } from '../src/store/posts/post-reader.ts';
import { homeFeedTable, postsTable } from '../src/store/table.ts';
import { DEATH, lagOf, type Chance } from './chance.ts';
import { consumersBy, depsInMemory, feedsInMemory } from './in-memory.ts';
import { simulateCatalogue } from './simulated-catalogue.ts';
import { simulatedFollows } from './simulated-follows.ts';
import { simulatedGraph } from './simulated-graph.ts';

/** Whoever has a follower is pulled, whoever has none is pushed again; marking that is not done by the next entry begins anew. */
const TINY: Thresholds = {
  pull: { followers: 1, writesPerDay: 1_000 },
  push: { followers: 1, writesPerDay: 1_000 },
  overdueMs: 0,
};

type Handler = (ctx: Context, bytes: Uint8Array, id: string, version: number) => Promise<void>;

/**
 * Service and worker, whole, over a table in memory and a graph that is a set of edges. Messages are handled at any time, in any
 * order, some twice; a handler that fails or dies gets its message again.
 */
export const simulate = (chance: Chance, thresholds = TINY) => {
  let live = false;
  const underway = new Set<Promise<void>>();
  /** Of each durable, by the subject that it listens to. */
  const handlers = new Map<string, Handler[]>();
  const durables = new Set<string>();
  const published = new Set<string>();
  /** Every event that ever reached the bus: what the archives of feed and graph hold. */
  const archive: { subject: string; bytes: Uint8Array; id: string; version: number }[] = [];
  /** What is sold, by whom. */
  const products = new Map<string, string>();
  let wipes = 0;

  const turns = async (label: string, method: string) => {
    for (let left = live ? lagOf(method) : -1; left >= 0; left--) await chance.turn(label);
  };
  const db = createMemoryDb({
    faults: async ({ verb, method }) => {
      if (!live || method === 'operator') return undefined;
      await turns(verb, method);
      const fault = chance.fault();
      // Only the worker's processes die here: a client's request that dies is one whose reply is lost.
      if (fault !== 'death') return fault;
      if (method.startsWith('worker')) throw DEATH;
      return 'unreachable';
    },
  });

  const deliver = (subject: string, bytes: Uint8Array, id: string, version = 0): void => {
    for (const handle of handlers.get(subject) ?? [])
      for (let copies = live && chance.twice() ? 2 : 1; copies > 0; copies--) {
        const delivery = attempt(handle, subject, bytes, id, version).finally(() => underway.delete(delivery));
        underway.add(delivery);
      }
  };
  const attempt = async (handle: Handler, subject: string, bytes: Uint8Array, id: string, version: number): Promise<void> => {
    for (const before = wipes; ;) {
      if (live) await chance.turn(subject);
      if (wipes > before) return;
      try {
        const method = `worker ${live ? chance.lag() : 0}`;
        return await handle(testContext({ method }), bytes, id, version);
      } catch (error) {
        if (error !== DEATH && !isAppError(error)) throw error;
      }
    }
  };
  const publish = (subject: string, bytes: Uint8Array, id: string, version = 0) => {
    archive.push({ subject, bytes, id, version });
    deliver(subject, bytes, id, version);
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
    durables.add(options.durable);
    handlers.set(type.subject, [
      ...(handlers.get(type.subject) ?? []),
      (ctx, bytes, id, version) => {
        const meta = { id, at: now(), aggregateId: '', version, tries: 1, stopping: new AbortController().signal };
        return options.handle(ctx, type.decode(bytes) as never, meta);
      },
    ]);
  };

  const { edges, ...follows } = simulatedFollows(publish);
  const graph = simulatedGraph(edges, turns);
  const peers = createPeers({ ...simulateCatalogue(products), graph });
  const reader = createPostReader({ db });
  let asleep = 0;
  const now = () => Date.now() + asleep;
  // Every event may be a replay.
  const late = () => now() + 60_000;
  const lists = createListReader({ db, now });
  const tasks: Pick<Bus, 'enqueue'> = {
    enqueue: async (task, payload, { id }) => {
      if (live) await chance.turn('enqueue');
      deliver(task.subject, task.encode(payload), id);
    },
  };
  const feeds = feedsInMemory({ db, graph, tasks, now });
  const { homeFeeds } = feeds;
  const erasures = createErasureStore({ db, posts: reader, lists, homeFeeds, now });
  const rpc = depsInMemory({ db, relay, tasks, feeds, peers, audiences: graph, now });
  const hears: { signals?: FeedSignal[] } = {};
  const say = (it: FeedSignal) => (hears.signals ? hears.signals.push(it) : rpc.liveFeeds.arrivals.hear(it));
  registerConsumers(consumersBy(on), {
    ...createFanning({
      db,
      feeds,
      truths: createTruths({ db }),
      deliver: createDelivery({ homeFeeds, erasures }),
      graph,
      tasks,
      live: {
        pushed: (entry, sourceId, viewerIds) => say({ entry, sourceId, viewerIds: [...viewerIds] }),
        pulled: (entry, sourceId) => say({ entry, sourceId, viewerIds: [] }),
      },
      thresholds,
      metrics: noMetrics,
      now: late,
      newId,
    }),
    posts: reader,
    applied: createAppliedStore({ db, now }),
    erasures,
    engagementErasure: createEngagementErasure({ db, now }),
    ...createTelling({ db, now }),
    saves: feeds.saves,
    counts: createCountStore({ db, now }),
    users: { reportErasure: async () => ({}) },
    peers,
    payAttention: createPayAttention({ attention: createAttentionStore({ db, now }), posts: reader, peers }),
    sales: createSaleStore({ db, now }),
    metrics: noMetrics,
    now: late,
  });

  return {
    db,
    feeds,
    rpc,
    graph,
    /** Signals that are given here are kept back from the streams. */
    hears,
    posts: postHandlers(rpc),
    feed: feedHandlers(rpc),
    products,
    /** What another service tells; answers the event's id. */
    tell<T>(type: EventType<T>, payload: T, version: number): string {
      const id = newId(now());
      publish(type.subject, type.encode(payload), id, version);
      return id;
    },
    ...follows,
    /** The bus loses all that waits in it, tasks too; then the relays replay their archives. */
    wipe: () => {
      wipes++;
      for (const { subject, bytes, id, version } of archive) deliver(subject, bytes, id, version);
    },
    /** Nobody does anything for so long that all feeds hibernate. */
    sleep: () => {
      asleep += 15 * 24 * 3_600_000;
    },
    /** The table of feeds is dropped, with the notes of what was worked into it. */
    forget: async (people: readonly string[]): Promise<void> => {
      const ctx = testContext({ method: 'operator' });
      const notes = archive.flatMap(({ id }) =>
        [...durables].map((durable) => ({ pk: `APPLIED#${durable}#${id}`, sk: 'APPLIED' })),
      );
      const rows = await Promise.all(people.map((pk) => db.query(ctx, homeFeedTable, { pk })));
      await db.batchWrite(ctx, homeFeedTable, { remove: [...rows.flatMap(({ items }) => items), ...notes] });
    },
    /** Archives hold the newest events only: the others are handled, and nothing brings them again. */
    archived: (newest: number) => void archive.splice(0, archive.length - newest),
    /** How the posts of people reach feeds now. */
    modesOf: async (people: readonly string[]) =>
      Promise.all(people.map(async (id) => (await feeds.modes.get(testContext(), id))?.mode ?? 'PUSH')),
    /** From here on chance decides; before, everything happens in order. */
    begin: () => {
      live = true;
    },
    /**
     * Publishes what no nudge did, and waits until every message is handled. It takes a minute, after which what was lost with the queue
     * is asked for again.
     */
    async settle(takesMs = 60_000): Promise<void> {
      live = false;
      asleep += takesMs;
      const outbox = createOutboxStore(db, postsTable);
      for (let shard = 0; shard < SHARDS; shard++) {
        const rows = await outbox.pending(testContext(), shard, 1000);
        relay.nudge(rows.filter(({ sk }) => !published.has(sk)));
      }
      while (underway.size > 0) await Promise.all(underway);
    },
  };
};
