import { isAppError } from '@plaza/core';
import { createMemoryDb, createOutboxStore, type Db, type Fault, type OutboxRow } from '@plaza/dynamo';
import { followCreated, followRemoved, followRequested } from '@plaza/events';
import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, testContext } from '@plaza/testing';

import { applyUpdate } from '../src/consumers/apply-update.ts';
import { grantLateRequest } from '../src/consumers/grant-late-request.ts';
import { approveFollowRequest } from '../src/handlers/approve-follow-request.ts';
import { block } from '../src/handlers/block.ts';
import { follow } from '../src/handlers/follow.ts';
import { mute } from '../src/handlers/mute.ts';
import { rejectFollowRequest } from '../src/handlers/reject-follow-request.ts';
import { removeFollower } from '../src/handlers/remove-follower.ts';
import { unblock } from '../src/handlers/unblock.ts';
import { unfollow } from '../src/handlers/unfollow.ts';
import { unmute } from '../src/handlers/unmute.ts';
import { createPeople } from '../src/people.ts';
import { createCountStore } from '../src/store/count-store.ts';
import { createGrantStore } from '../src/store/grant-store.ts';
import { createListStore } from '../src/store/list-store.ts';
import { createStandingStore } from '../src/store/standing-store.ts';
import { graph as graphTable } from '../src/store/table.ts';
import { createTieStore } from '../src/store/tie-store.ts';
import { LIMIT, type Act, type Scheduler, type Turn } from './simulation-story.ts';

/** Something that was done, and from when to when: `begin` to `end` count all happenings. */
export interface Done {
  readonly act: Act;
  /** Of a turn: the version of the profile. */
  readonly version: number;
  readonly begin: number;
  readonly end: number;
}

/**
 * A database that fails, in which whatever is under way waits for its turn again and again; rows that are read together are read one by
 * one, as DynamoDB may do it.
 */
export const unsteadyDb = (scheduler: Scheduler, planned: readonly (Fault | undefined)[]): { db: Db; calm: () => void } => {
  let live = true;
  const left = [...planned];
  const db = createMemoryDb({
    faults: async ({ verb }) => {
      if (!live) return undefined;
      await scheduler.schedule(Promise.resolve(), verb);
      return verb === 'get' ? undefined : left.shift();
    },
  });
  const torn: Db['batchGet'] = (ctx, table, keys, options) => Promise.all(keys.map((key) => db.get(ctx, table, key, options)));
  return { db: { ...db, batchGet: torn }, calm: () => void (live = false) };
};

/** The service over a database, its calls and what it listens to. */
export const simulated = (db: Db) => {
  let clock = 1_000;
  const about = { db, relay: { nudge: () => undefined }, now: () => clock++ % 7, followLimit: LIMIT };
  const lists = createListStore({ db });
  const users: Parameters<typeof createPeople>[0]['users'] = {
    batchGetUsers: async (_ctx, { userIds = [] }) => ({
      users: userIds.map((userId) => User.fromPartial({ userId })),
      missingIds: [],
    }),
  };
  const standings = createStandingStore({ db });
  const deps = {
    ties: createTieStore(about),
    people: createPeople({ users }),
    followLimit: LIMIT,
    standings,
    grants: createGrantStore({ ...about, lists, standings }),
  };
  const calls = {
    follow: follow(deps),
    unfollow: unfollow(deps),
    remove: removeFollower(deps),
    approve: approveFollowRequest(deps),
    reject: rejectFollowRequest(deps),
    block: block(deps),
    unblock: unblock(deps),
    mute: mute(deps),
    unmute: unmute(deps),
  };
  const call = (made: Exclude<Act, Turn>, requestId: string): Promise<unknown> => {
    const ctx = { ...asAdmin(), method: made.kind };
    const { one, other } = made.between;
    switch (made.kind) {
      case 'follow':
      case 'unfollow':
        return calls[made.kind](ctx, { followerId: one, followeeId: other, requestId });
      case 'remove':
      case 'approve':
      case 'reject':
        return calls[made.kind](ctx, { userId: one, followerId: other, requestId });
      case 'block':
      case 'unblock':
        return calls[made.kind](ctx, { userId: one, blockedId: other, requestId });
      case 'mute':
        return calls.mute(ctx, {
          userId: one,
          mutedId: other,
          scope: made.reposts ? MuteScope.REPOSTS : MuteScope.ALL,
          requestId,
        });
      case 'unmute':
        return calls.unmute(ctx, { userId: one, mutedId: other, requestId });
    }
  };
  const onUpdate = applyUpdate(deps);
  const onRequest = grantLateRequest(deps);
  const counts = createCountStore({ db, now: Date.now });

  return {
    call,
    stand: ({ who, isPrivate }: Turn, version: number) =>
      deps.standings.set(testContext(), who, version, { isPrivate, gone: false }),
    hearUpdate: ({ who: userId, isPrivate }: Turn, version: number) =>
      onUpdate(testContext(), { userId, isPrivate, mask: ['is_private'], username: '', updateTime: undefined }, meta(version)),
    hearRequest: async (row: OutboxRow) => {
      if (row.subject === followRequested.subject)
        await onRequest(testContext(), followRequested.decode(row.payload), meta(row.version));
    },
    hearFollow: async (row: OutboxRow) => {
      const by = row.subject === followCreated.subject ? 1 : row.subject === followRemoved.subject ? -1 : undefined;
      if (by === undefined) return;
      const { followeeId } = followCreated.decode(row.payload);
      await counts.apply(testContext(), { durable: 'count', eventId: row.sk, followeeIds: [followeeId], by });
    },
  };
};
export type Simulated = ReturnType<typeof simulated>;

const meta = (version: number) => ({ id: '', at: 0, aggregateId: '', version, tries: 1, stopping: new AbortController().signal });

/** Nothing is published here, so all events are still in the outbox. */
export const outboxOf = async (db: Db): Promise<OutboxRow[]> => {
  const outbox = createOutboxStore(db, graphTable);
  const shards = [0, 1, 2, 3].map((shard) => insistOn(() => outbox.pending(testContext(), shard, 1_000)));
  return (await Promise.all(shards)).flat();
};

/** Who hears that the outcome is unknown, or that a race was lost, sends the same again; a refusal is an answer. */
export const insist = async (send: () => Promise<unknown>): Promise<void> => {
  for (;;) {
    try {
      await send();
      return;
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (error.code !== 'UNAVAILABLE' && error.code !== 'ABORTED') return;
    }
  }
};

export const insistOn = async <T>(work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
  }
};
