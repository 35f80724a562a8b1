import { depsInMemory } from './in-memory.ts';
import { createPageTokens, isAppError, type Context } from '@plaza/core';
import { createMemoryDb, createOutboxStore, type Db, type Fault, type FaultCall, type WriteOp } from '@plaza/dynamo';
import { SHARDS, type Consumers, type EventType, type OutboxRow } from '@plaza/events';
import { Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { asUser, testContext } from '@plaza/testing';

import { addCounting } from '../src/consumers/count-posts.ts';
import { postHandlers } from '../src/handlers/index.ts';
import { createPeers } from '../src/peers.ts';
import { createCountStore, type CountStore } from '../src/store/posts/count-store.ts';
import { createEngagementErasure } from '../src/store/posts/engagement-erasure.ts';
import { postsTable } from '../src/store/table.ts';

export type EngagementWorld = ReturnType<typeof createEngagementWorld>;

/** More than there are faults. */
const MAX_TRIES = 100;
/** By which events that an erasure told are known. */
export const ERASING = 'erasing';

/** Any number of replicas of service and worker over one table in memory, without a bus: the test delivers what the outbox holds. */
export const createEngagementWorld = (
  faults: (call: FaultCall) => Promise<Fault | undefined> | undefined = () => undefined,
  areAllCounted: (ctx: Context) => Promise<boolean> = async () => true,
  /** Told of every transaction. */
  watch: (method: string, ops: readonly WriteOp[]) => void = () => undefined,
) => {
  const memory = createMemoryDb({ faults });
  const db: Db = {
    ...memory,
    transact: (ctx, ops) => {
      watch(ctx.method, ops);
      return memory.transact(ctx, ops);
    },
  };
  let clock = Date.now();
  const now = () => clock++;
  const pageTokens = createPageTokens('of this test');

  const replica = () => {
    const deps = depsInMemory({ db, peers, now, pageTokens, areAllCounted });
    const erasure = createEngagementErasure({ db, now });
    return {
      posts: postHandlers(deps),
      erase: (userId: string) => erasure.eraseEngagements({ ...testContext(), trace: ERASING }, userId),
      count: countingOf({ counts: createCountStore({ db, now }) }),
    };
  };

  return {
    db,
    replica,
    /** All that was ever told: nothing takes it away here. */
    events: async (): Promise<OutboxRow[]> => {
      const outbox = createOutboxStore(db, postsTable);
      const shards = Array.from({ length: SHARDS }, (_, shard) => outbox.pending(testContext(), shard, 10_000));
      return (await Promise.all(shards)).flat();
    },
  };
};

/** Hands an event to every consumer that counts, as the worker wires them. */
const countingOf = (deps: { counts: CountStore }) => {
  const heard = new Map<string, ((event: OutboxRow) => Promise<void>)[]>();
  const on = <T>(type: EventType<T>, { durable, handle }: Parameters<Consumers['on']>[1]) => {
    const deliver = ({ sk, payload, occurredAt, aggregateId, version }: OutboxRow) => {
      const meta = { id: sk, at: occurredAt, aggregateId, version, tries: 1, stopping: new AbortController().signal };
      return handle(testContext({ method: durable }), type.decode(payload) as never, meta);
    };
    heard.set(type.subject, [...(heard.get(type.subject) ?? []), deliver]);
  };
  addCounting({ on }, deps);
  return async (event: OutboxRow): Promise<void> => {
    for (const deliver of heard.get(event.subject) ?? []) await untilAnswered(() => deliver(event));
  };
};

/** Who hears that the outcome is unknown, or that a race was lost, sends the same again. Answers a refusal by its reason. */
export const untilAnswered = async <T>(send: () => Promise<T>): Promise<T | string> => {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    try {
      return await send();
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (error.code !== 'UNAVAILABLE' && error.code !== 'ABORTED') return error.reason;
    }
  }
  throw new Error('never answered');
};

/** Everybody is somebody, and sees everybody. */
const peers = createPeers({
  users: {
    batchGetUsers: async (_ctx, { userIds = [] }) => ({
      users: userIds.map((userId) => User.fromPartial({ userId })),
      missingIds: [],
    }),
  },
  products: { batchGetProducts: async () => ({ products: [], missingIds: [] }) },
  graph: {
    checkVisibility: async (_ctx, { authorIds = [] }) => ({
      authors: authorIds.map((authorId) => ({ authorId, visibility: Visibility.VISIBLE, following: true, repostsMuted: false })),
      epoch: '',
    }),
  },
});

/** A call of one's own, under the name of its method. */
export const calling = (userId: string, method: string): Context => ({ ...asUser(userId), method });
