import { assertAlive, newId, type Context } from '@plaza/core';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin } from '@plaza/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Row } from '../src/domain/import.ts';
import { importFollows } from '../src/handlers/import-follows.ts';
import type { Deps } from '../src/handlers/index.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => void vi.setSystemTime(Date.now() + ms);

test('no write may end later than 10 s after the question who exists, however slow the answer', async () => {
  const [follower, known] = [newId(), newId()];
  const { run, writes } = world();
  const receipt = await run([
    { wait: 0, answer: 0, followerId: follower, followeeIds: [known] },
    // Nobody is asked for again, and the write has its whole time.
    { wait: 4_000, answer: 0, followerId: follower, followeeIds: [known] },
    // One stranger is asked for: the write has what is left.
    { wait: 900, answer: 3_000, followerId: follower, followeeIds: [known, newId()] },
    // The answer comes too late: all are asked for again.
    { wait: 0, answer: 12_000, followerId: newId(), followeeIds: [newId()] },
  ]);
  expect(receipt).toMatchObject({ receipt: { messages: 4n, unchanged: 5n, refused: 0n } });
  expect(writes.map(({ left }) => left)).toEqual([5_000, 5_000, 2_100, 5_000]);
  for (const { age, left } of writes) expect(age + left).toBeLessThanOrEqual(10_000);
});

interface Message {
  /** Before it is sent, and until its first question is answered, in milliseconds. */
  readonly wait: number;
  readonly answer: number;
  readonly followerId: string;
  readonly followeeIds: string[];
}

/** Tells of each write how old what it rests on was, and how long it might take. */
const world = () => {
  const asked = new Map<string, number>();
  const writes: { age: number; left: number }[] = [];
  let slow = 0;
  let written = Promise.withResolvers<void>();
  const add = async (ctx: Context, followerId: string, rows: readonly Row[]) => {
    assertAlive(ctx);
    const oldest = Math.min(...[followerId, ...rows.map(({ followeeId }) => followeeId)].map((id) => asked.get(id)!));
    writes.push({ age: Date.now() - oldest, left: ctx.deadline - Date.now() });
    written.resolve();
    return [...rows];
  };
  const batchGetUsers = async (_ctx: Context, { userIds = [] }: { userIds?: readonly string[] | undefined }) => {
    for (const id of userIds) asked.set(id, Date.now());
    pass(slow);
    slow = 0;
    return { users: userIds.map((userId) => User.fromPartial({ userId })), missingIds: [] };
  };
  return {
    writes,
    run: (messages: readonly Message[]) => {
      const send = async function* () {
        for (const [index, { wait, answer, ...message }] of messages.entries()) {
          pass(wait);
          slow = answer;
          written = Promise.withResolvers<void>();
          yield { ...message, importId: '', index: BigInt(index) };
          await written.promise;
        }
      };
      const deps = { imports: { add }, users: { batchGetUsers }, now: Date.now } as Pick<Deps, 'imports' | 'users' | 'now'>;
      return importFollows(deps as Deps)({ ...asAdmin(60_000), method: 'ImportFollows' }, send());
    },
  };
};
