import { newId } from '@plaza/core';
import { createMemoryDb, createOutboxStore } from '@plaza/dynamo';
import { followsImported } from '@plaza/events';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, powerLawGraph, testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { importFollows } from '../src/handlers/import-follows.ts';
import type { Deps } from '../src/handlers/index.ts';
import { eachInFlight } from '../src/in-flight.ts';
import { createCountStore } from '../src/store/count-store.ts';
import { createImportStore } from '../src/store/import-store.ts';
import { createReceiptStore } from '../src/store/receipt-store.ts';
import { graph as graphTable } from '../src/store/table.ts';
import { recount, seedStanding } from './recount.ts';

const PEOPLE = 2_000;
const FOLLOWS = 20_000;

test('twenty thousand follows as people make them: all are written or refused, and counted in few transactions', async () => {
  const calls = { transact: 0, batchGet: 0 };
  const db = createMemoryDb({ faults: ({ verb }) => void (verb in calls && calls[verb as keyof typeof calls]++) });
  await db.createTable(testContext(), graphTable);
  const ids = Array.from({ length: PEOPLE }, () => newId());
  // The most famous: they are in many messages.
  const [stranger, gone] = [ids[1]!, ids[2]!];
  await seedStanding(db, gone, { gone: true });
  const now = () => Date.now();
  const deps = {
    imports: createImportStore({ db, relay: { nudge: () => {} }, now, followLimit: 5_000 }),
    receipts: createReceiptStore({ db, now }),
    users: {
      batchGetUsers: async (_ctx, { userIds = [] }) => ({
        users: userIds.filter((id) => id !== stranger).map((userId) => User.fromPartial({ userId })),
        missingIds: userIds.filter((id) => id === stranger),
      }),
    },
    now,
  } satisfies Pick<Deps, 'imports' | 'receipts' | 'users' | 'now'>;

  let [sent, refused, messages] = [0, 0, 0];
  const importId = newId();
  const stream = async function* () {
    let follower = 0;
    for (const followees of powerLawGraph({ people: PEOPLE, meanDegree: 14 })) {
      const followerId = ids[follower++]!;
      for (let first = 0; first < followees.length && sent < FOLLOWS; first += 96) {
        const followeeIds = followees.slice(first, first + 96).map((position) => ids[position]!);
        sent += followeeIds.length;
        refused += [stranger, gone].includes(followerId)
          ? followeeIds.length
          : followeeIds.filter((id) => id === stranger || id === gone).length;
        yield { followerId, followeeIds, importId, index: BigInt(messages++) };
      }
    }
  };
  const { receipt } = await importFollows(deps as Deps)({ ...asAdmin(60_000), method: 'ImportFollows' }, stream());
  expect(sent).toBeGreaterThanOrEqual(FOLLOWS);
  expect(refused).toBeGreaterThan(500);
  const { refusals, ...numbers } = receipt!;
  expect(numbers).toEqual({
    messages: BigInt(messages),
    created: BigInt(sent - refused),
    requested: 0n,
    unchanged: 0n,
    refused: BigInt(refused),
  });
  expect(refusals).toHaveLength(Math.min(1_000, refused));
  // A new follower's message is one read, and one transaction for every 32 follows; the rest is the receipt.
  expect(calls.batchGet).toBeLessThan(messages * 1.3);

  calls.transact = 0;
  const outbox = createOutboxStore(db, graphTable);
  const counts = createCountStore({ db, now });
  const events = (async function* () {
    for (const shard of [0, 1, 2, 3]) yield* await outbox.pending(testContext(), shard, 100_000);
  })();
  let told = 0;
  await eachInFlight(events, 64, async ({ sk, payload }) => {
    told++;
    const { followeeIds } = followsImported.decode(payload);
    await counts.apply(testContext(), { durable: 'test', eventId: sk, followeeIds, by: 1 });
  });
  expect(calls.transact).toBeLessThan(told / 2);
  // The most famous, and some others: a query of this table looks at all of its rows.
  expect(await recount(db, [...ids.slice(0, 20), ...ids.slice(-20)])).toEqual([]);
}, 60_000);
