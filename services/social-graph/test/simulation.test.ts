import process from 'node:process';

import { createPresence } from '@plaza/clients';
import { createPageTokens, isAppError } from '@plaza/core';
import { createMemoryDb, createOutboxStore, type Db, type Fault, type OutboxRow } from '@plaza/dynamo';
import { followCreated, followRemoved, followsImported } from '@plaza/events';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { graphHandlers } from '../src/handlers/index.ts';
import { createCountStore } from '../src/store/count-store.ts';
import { createEdgeStore } from '../src/store/edge-store.ts';
import { createFollowStore } from '../src/store/follow-store.ts';
import { createImportStore } from '../src/store/import-store.ts';
import { graph as graphTable } from '../src/store/table.ts';
import { audit } from './audit.ts';
import { people } from './world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 500);
const CROWD = people(3);
/** Fewer than there are others. */
const LIMIT = 1;

const pair = fc.constantFrom(
  ...CROWD.flatMap((followerId) => CROWD.filter((id) => id !== followerId).map((followeeId) => ({ followerId, followeeId }))),
);
const call = fc.record({
  kind: fc.constantFrom('follow' as const, 'follow' as const, 'unfollow' as const, 'import' as const),
  edge: pair,
  /** Sent once more by somebody else, at some time. */
  again: fc.boolean(),
});
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

const fault = fc.option(fc.constantFrom<Fault>('conflict', 'throttle', 'lost-reply', 'unreachable'), { nil: undefined, freq: 3 });

test('whatever races, repeats, fails or is lost: edges, counts and events tell one story', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 1, maxLength: 10 }),
      fc.array(fault, { maxLength: 40 }),
      fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
      fc.scheduler(),
      async (calls, faults, shuffle, scheduler) => {
        let live = true;
        const db = createMemoryDb({
          faults: async ({ verb }) => {
            if (!live) return undefined;
            await scheduler.schedule(Promise.resolve(), verb);
            return faults.shift();
          },
        });
        await scheduler.waitFor(play(db, calls));
        await scheduler.waitFor(deliver(db, shuffle));
        live = false;
        expect(await audit(db, CROWD)).toEqual([]);
        const counts = await createCountStore({ db, now: Date.now }).counts(testContext(), CROWD);
        expect(Math.max(...counts.map(({ following }) => following))).toBeLessThanOrEqual(LIMIT);
        // However often a request was sent, it had one effect at most.
        const single = (await outboxOf(db)).filter(({ subject }) => subject !== followsImported.subject);
        expect(single.length).toBeLessThanOrEqual(calls.filter(({ kind }) => kind !== 'import').length);
      },
    ),
    { numRuns: RUNS },
  );
});

const play = async (db: Db, calls: readonly Call[]): Promise<void> => {
  let clock = 1_000;
  const deps = { db, relay: { nudge: () => undefined }, now: () => clock++ % 7, followLimit: LIMIT };
  const users: Parameters<typeof createPresence>[0]['users'] = {
    batchGetUsers: async (_ctx, { userIds = [] }) => ({
      users: userIds.map((userId) => User.fromPartial({ userId })),
      missingIds: [],
    }),
  };
  const graph = graphHandlers({
    follows: createFollowStore(deps),
    imports: createImportStore(deps),
    edges: createEdgeStore(deps),
    counts: createCountStore(deps),
    users,
    presence: createPresence({ users, now: Date.now }),
    pageTokens: createPageTokens('secret'),
  });
  const send = ({ kind, edge }: Call, requestId: string): Promise<unknown> => {
    const ctx = { ...asAdmin(), method: kind };
    if (kind === 'follow') return graph.follow(ctx, { ...edge, requestId });
    if (kind === 'unfollow') return graph.unfollow(ctx, { ...edge, requestId });
    return graph.importFollows(ctx, oneMessage(edge.followerId));
  };
  await Promise.all(
    calls.flatMap((made, i) => (made.again ? [made, made] : [made]).map((each) => insist(() => send(each, `request-${i}`)))),
  );
};

async function* oneMessage(followerId: string) {
  yield { followerId, followeeIds: CROWD };
}

/** Who hears that the outcome is unknown, or that a race was lost, sends the same again; a refusal is an answer. */
const insist = async (send: () => Promise<unknown>): Promise<void> => {
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

/** Every event, in any order, some twice, some again after their handler failed. */
const deliver = async (db: Db, shuffle: readonly number[]): Promise<void> => {
  const counts = createCountStore({ db, now: Date.now });
  const events = (await outboxOf(db)).flatMap((row, i) => (shuffle[i % shuffle.length]! % 2 === 0 ? [row] : [row, row]));
  const inOrder = events
    .map((row, i) => ({ row, place: shuffle[(i * 7) % shuffle.length]! }))
    .toSorted((a, b) => a.place - b.place);
  await Promise.all(
    inOrder.map(({ row }) => {
      const by = row.subject === followRemoved.subject ? -1 : 1;
      const followeeIds =
        row.subject === followsImported.subject
          ? followsImported.decode(row.payload).followeeIds
          : [followCreated.decode(row.payload).followeeId];
      return insistOn(() => counts.apply(testContext(), { durable: 'count', eventId: row.sk, followeeIds, by }));
    }),
  );
};

/** Nothing is published here, so all events are still in the outbox. */
const outboxOf = async (db: Db): Promise<OutboxRow[]> => {
  const outbox = createOutboxStore(db, graphTable);
  const shards = [0, 1, 2, 3].map((shard) => insistOn(() => outbox.pending(testContext(), shard, 1_000)));
  return (await Promise.all(shards)).flat();
};

const insistOn = async <T>(work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
  }
};
