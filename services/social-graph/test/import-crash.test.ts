import { newId } from '@plaza/core';
import { createMemoryDb, createOutboxStore } from '@plaza/dynamo';
import { followsImported } from '@plaza/events';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, powerLawGraph, testContext } from '@plaza/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { getImport } from '../src/handlers/get-import.ts';
import { importFollows } from '../src/handlers/import-follows.ts';
import type { Deps } from '../src/handlers/index.ts';
import { createCountStore } from '../src/store/count-store.ts';
import { createImportStore } from '../src/store/import-store.ts';
import { createReceiptStore } from '../src/store/receipt-store.ts';
import { graph as graphTable } from '../src/store/table.ts';
import { recount } from './recount.ts';

const PEOPLE = 150;
/** A command takes so long here, so that receipts are saved on the way. */
const COMMAND_MS = 60;

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

test('killed again and again, wherever it is, an import goes on from its receipt until all of it stands, once', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const world = await started();
    const ids = Array.from({ length: PEOPLE }, () => newId());
    const importId = newId();
    const messages = messagesOf(seed, ids).map((message, i) => ({ ...message, importId, index: BigInt(i) }));
    let goOn = 0;
    let kills = 0;
    for (let over = false; !over; kills++) {
      world.killAfter(1 + ((seed * 37 + kills * 53) % 150));
      over = await world.send(messages.slice(goOn)).then(
        () => true,
        () => false,
      );
      world.revive();
      const receipt = await world.receipt(importId);
      // Only what is written, and never less than before.
      expect(receipt).toBeGreaterThanOrEqual(goOn);
      expect(await world.missing(messages.slice(0, receipt))).toEqual([]);
      goOn = receipt;
    }
    expect({ seed, goOn }).toEqual({ seed, goOn: messages.length });
    expect(kills).toBeGreaterThan(1);
    await world.countAll();
    expect({ seed, problems: await recount(world.db, ids) }).toEqual({ seed, problems: [] });
    expect(await world.missing(messages)).toEqual([]);
  }
}, 60_000);

interface Message {
  readonly followerId: string;
  readonly followeeIds: string[];
}

const messagesOf = (seed: number, ids: readonly string[]): Message[] =>
  [...powerLawGraph({ people: PEOPLE, meanDegree: 8, seed })].flatMap((followees, follower) =>
    Array.from({ length: Math.ceil(followees.length / 40) }, (_, i) => ({
      followerId: ids[follower]!,
      followeeIds: followees.slice(40 * i, 40 * i + 40).map((position) => ids[position]!),
    })),
  );

/** A table that outlives its processes. A killed one reaches the table no more, in the midst of whatever it does. */
const started = async () => {
  let left = Infinity;
  const db = createMemoryDb({
    faults: () => {
      vi.setSystemTime(Date.now() + COMMAND_MS);
      if (--left < 0) throw new Error('killed');
      return undefined;
    },
  });
  await db.createTable(testContext(), graphTable);
  const now = () => Date.now();
  const ctx = () => ({ ...asAdmin(60_000), method: 'ImportFollows' });
  /** As a process builds them when it starts. */
  const fresh = () =>
    ({
      imports: createImportStore({ db, relay: { nudge: () => {} }, now, followLimit: 5_000 }),
      receipts: createReceiptStore({ db, now }),
      now,
      users: {
        batchGetUsers: async (_ctx, { userIds = [] }) => ({
          users: userIds.map((userId) => User.fromPartial({ userId })),
          missingIds: [],
        }),
      },
    }) satisfies Pick<Deps, 'imports' | 'receipts' | 'users' | 'now'> as unknown as Deps;
  return {
    db,
    killAfter: (commands: number) => void (left = commands),
    revive: () => void (left = Infinity),
    send: (messages: readonly (Message & { importId: string; index: bigint })[]) =>
      importFollows(fresh())(
        ctx(),
        (async function* () {
          yield* messages;
        })(),
      ),
    receipt: async (importId: string) => {
      const { receipt } = await getImport(fresh())(ctx(), { importId }).catch(() => ({ receipt: undefined }));
      return Number(receipt?.messages ?? 0);
    },
    missing: async (messages: readonly Message[]) => {
      const pairs = messages.flatMap(({ followerId, followeeIds }) =>
        followeeIds.map((id) => ({ pk: `FO#${followerId}`, sk: id })),
      );
      const rows = await db.batchGet(testContext(), graphTable, pairs);
      return pairs.filter((_, i) => !rows[i]);
    },
    countAll: async () => {
      const counts = createCountStore({ db, now });
      const outbox = createOutboxStore(db, graphTable);
      for (const shard of [0, 1, 2, 3])
        for (const { sk, payload } of await outbox.pending(testContext(), shard, 100_000)) {
          const { followeeIds } = followsImported.decode(payload);
          await counts.apply(testContext(), { durable: 'test', eventId: sk, followeeIds, by: 1 });
        }
    },
  };
};
