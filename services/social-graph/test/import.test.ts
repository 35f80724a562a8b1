import { isAppError, newId } from '@plaza/core';
import { asAdmin, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { audit } from './audit.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ followLimit: 60 });
});
afterAll(() => world.close());

type Message = { followerId: string; followeeIds: string[] };

const send = (...messages: Message[]) => {
  const stream = async function* () {
    yield* messages;
  };
  return world.graph.importFollows(asAdmin(60_000), stream());
};

test('an import writes edges, counts and events; sent twice more, also in part, it changes nothing', async () => {
  const crowd = people(8);
  const messages = crowd.map((followerId) => ({ followerId, followeeIds: crowd.filter((id) => id !== followerId) }));
  expect(await send(...messages)).toEqual({ messages: 8n, created: 56n, unchanged: 0n, refused: 0n });
  expect(await send(...messages.slice(3))).toEqual({ messages: 5n, created: 0n, unchanged: 35n, refused: 0n });
  expect(await send(...messages)).toEqual({ messages: 8n, created: 0n, unchanged: 56n, refused: 0n });
  await eventually(async () => expect(await audit(world.app.db, crowd)).toEqual([]), { timeoutMs: 40_000 });
  const { counts } = await world.graph.batchGetCounts(testContext(), { userIds: crowd });
  expect(counts.map(({ followers, following }) => [followers, following])).toEqual(crowd.map(() => [7n, 7n]));
});

test('a message may hold 45, and what stands already is left as it is', async () => {
  const [a, ...others] = people(46) as [string, ...string[]];
  const [first, second] = others as [string, string];
  await world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId: first });
  await world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId: second });
  await world.graph.unfollow(asUser(a, 30_000), { followerId: a, followeeId: second });
  expect(await send({ followerId: a, followeeIds: others })).toEqual({ messages: 1n, created: 44n, unchanged: 1n, refused: 0n });
  await eventually(async () => expect(await audit(world.app.db, [a, ...others])).toEqual([]), { timeoutMs: 40_000 });
  await expect(send({ followerId: a, followeeIds: people(46) })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('doubles count once; oneself, strangers and a stranger as follower are refused', async () => {
  const [a, b, c, stranger] = people(4) as [string, string, string, string];
  world.strangers.add(stranger);
  const receipt = await send(
    { followerId: a, followeeIds: [b, a, b, stranger, c] },
    { followerId: stranger, followeeIds: [a, b] },
  );
  expect(receipt).toEqual({ messages: 2n, created: 2n, unchanged: 0n, refused: 4n });
  expect(await world.edge(stranger, a)).toEqual([false, false]);
  expect(await world.edge(a, a)).toEqual([false, false]);
});

test('beyond the limit an import refuses, the same each time', async () => {
  const [a, ...others] = people(71) as [string, ...string[]];
  const messages = [others.slice(0, 35), others.slice(35)].map((followeeIds) => ({ followerId: a, followeeIds }));
  expect(await send(...messages)).toEqual({ messages: 2n, created: 60n, unchanged: 0n, refused: 10n });
  expect(await send(...messages)).toEqual({ messages: 2n, created: 0n, unchanged: 60n, refused: 10n });
});

test('messages of one follower in flight together all get through', async () => {
  const [a, ...others] = people(41) as [string, ...string[]];
  const messages = others.map((followeeId) => ({ followerId: a, followeeIds: [followeeId] }));
  expect(await send(...messages)).toEqual({ messages: 40n, created: 40n, unchanged: 0n, refused: 0n });
  await eventually(async () => expect(await audit(world.app.db, [a, ...others])).toEqual([]), { timeoutMs: 40_000 });
});

test('an import of nothing is a receipt of nothing', async () => {
  expect(await send()).toEqual({ messages: 0n, created: 0n, unchanged: 0n, refused: 0n });
});

test('a broken import says how much of it stands, and its repetition completes it', async () => {
  const crowd = people(9);
  const good = crowd.map((followerId) => ({ followerId, followeeIds: crowd.filter((id) => id !== followerId) }));
  const bad = { followerId: 'nonsense', followeeIds: [newId()] };
  const failure: unknown = await send(...good.slice(0, 6), bad, ...good.slice(6)).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD', details: { metadata: { messages: '6' } } });
  const done = isAppError(failure) ? Number(failure.details.metadata?.['messages']) : 0;
  const rest = await send(...good.slice(done));
  expect(rest).toEqual({ messages: 3n, created: 24n, unchanged: 0n, refused: 0n });
  await eventually(async () => expect(await audit(world.app.db, crowd)).toEqual([]), { timeoutMs: 40_000 });
});
