import { isAppError, newId } from '@plaza/core';
import { createOutboxStore } from '@plaza/dynamo';
import { followsImported } from '@plaza/events';
import { asAdmin, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Standing } from '../src/domain/tie.ts';
import { graph as graphTable, keys, tiesOf } from '../src/store/table.ts';
import { recount, seedStanding, seedTies } from './recount.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ followLimit: 120 });
});
afterAll(() => world.close());

type Message = { followerId: string; followeeIds: string[]; importId?: string; index?: bigint };

const send = async (...messages: Message[]) => {
  const stream = async function* () {
    for (const [i, message] of messages.entries()) yield { index: BigInt(i), ...message };
  };
  const { receipt } = await world.graph.importFollows(asAdmin(60_000), stream());
  const { refusals, ...numbers } = receipt!;
  return { numbers, refusals };
};
const receipt = (messages: bigint, numbers: Partial<Record<'created' | 'requested' | 'unchanged' | 'refused', bigint>> = {}) => ({
  messages,
  created: 0n,
  requested: 0n,
  unchanged: 0n,
  refused: 0n,
  ...numbers,
});
const converged = (...crowd: string[]) =>
  eventually(async () => expect(await recount(world.app.db, crowd)).toEqual([]), { timeoutMs: 40_000 });

/** Behind a lost reply, as on a busy machine, a part finds its own follows, and calls them unchanged. */
const settled = ({ created, unchanged, ...rest }: Awaited<ReturnType<typeof send>>['numbers']) => ({
  ...rest,
  settled: created + unchanged,
});

test('an import writes follows, counts and events; sent twice more, also in part, it changes nothing', async () => {
  const crowd = people(8);
  const messages = crowd.map((followerId) => ({ followerId, followeeIds: crowd.filter((id) => id !== followerId) }));
  expect(settled((await send(...messages)).numbers)).toEqual({ messages: 8n, requested: 0n, refused: 0n, settled: 56n });
  expect((await send(...messages.slice(3))).numbers).toEqual(receipt(5n, { unchanged: 35n }));
  expect((await send(...messages)).numbers).toEqual(receipt(8n, { unchanged: 56n }));
  await converged(...crowd);
  const { counts } = await world.graph.batchGetCounts(testContext(), { userIds: crowd });
  expect(counts.map(({ followers, following }) => [followers, following])).toEqual(crowd.map(() => [7n, 7n]));
});

test('a message may hold 96, told in events of up to 32; what stands already is left as it is', async () => {
  const [a, ...others] = people(97) as [string, ...string[]];
  const [first, second] = others as [string, string];
  await world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId: first });
  await world.graph.follow(asUser(a, 30_000), { followerId: a, followeeId: second });
  await world.graph.unfollow(asUser(a, 30_000), { followerId: a, followeeId: second });
  const { numbers } = await send({ followerId: a, followeeIds: others });
  expect(settled(numbers)).toEqual({ messages: 1n, requested: 0n, refused: 0n, settled: 96n });
  await converged(a, ...others);
  const told = (await importsToldOf(a)).map(({ followeeIds }) => followeeIds);
  expect(told.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([31, 32, 32]);
  expect(told.flat().toSorted()).toEqual(others.slice(1).toSorted());
  await expect(send({ followerId: a, followeeIds: people(97) })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('rows are refused with the reason that Follow gives, in the order of the import', async () => {
  const [a, b, c, stranger, gone, enemy, foe] = people(7) as [string, string, string, string, string, string, string];
  world.strangers.add(stranger);
  await stand(gone, { gone: true });
  await blocks(a, foe);
  await blocks(enemy, a);
  const { numbers, refusals } = await send(
    { followerId: a, followeeIds: [b, a, b, stranger, gone, c, foe, enemy] },
    { followerId: stranger, followeeIds: [b, stranger] },
    { followerId: gone, followeeIds: [b] },
  );
  expect(numbers).toEqual(receipt(3n, { created: 2n, refused: 8n }));
  expect(refusals.map(({ index, followerId, followeeId, reason }) => [index, followerId, followeeId, reason])).toEqual([
    [0n, a, a, 'SELF_FOLLOW'],
    [0n, a, stranger, 'USER_NOT_FOUND'],
    [0n, a, gone, 'USER_NOT_FOUND'],
    [0n, a, foe, 'USER_BLOCKED'],
    [0n, a, enemy, 'USER_NOT_FOUND'],
    [1n, stranger, b, 'USER_NOT_FOUND'],
    [1n, stranger, stranger, 'SELF_FOLLOW'],
    [2n, gone, b, 'USER_NOT_FOUND'],
  ]);
  expect(await followeesOf(a)).toEqual([b, c].toSorted());
  expect(await followeesOf(stranger)).toEqual([]);
});

test('who is private is asked, once, and followed at once when public again', async () => {
  const [a, open, shy] = people(3) as [string, string, string];
  await stand(shy, { isPrivate: true }, 1);
  const message = { followerId: a, followeeIds: [open, shy] };
  expect((await send(message)).numbers).toEqual(receipt(1n, { created: 1n, requested: 1n }));
  expect((await send(message)).numbers).toEqual(receipt(1n, { unchanged: 2n }));
  expect(await followeesOf(a)).toEqual([open]);
  const asked = () => world.app.db.batchGet(testContext(), graphTable, [keys.requested(a, shy)]);
  expect((await asked())[0]).toBeDefined();
  await stand(shy, { isPrivate: false }, 2);
  expect((await send(message)).numbers).toEqual(receipt(1n, { created: 1n, unchanged: 1n }));
  expect(await followeesOf(a)).toEqual([open, shy].toSorted());
  expect((await asked())[0]).toBeUndefined();
  await converged(a, open, shy);
});

test('beyond the limit an import refuses, the same each time, within a message and across', async () => {
  const [a, ...others] = people(141) as [string, ...string[]];
  const messages = [others.slice(0, 70), others.slice(70)].map((followeeIds) => ({ followerId: a, followeeIds }));
  const first = await send(...messages);
  expect(settled(first.numbers)).toEqual({ messages: 2n, requested: 0n, refused: 20n, settled: 120n });
  expect(first.refusals.map(({ followeeId, reason }) => [followeeId, reason])).toEqual(
    others.slice(120).map((id) => [id, 'FOLLOW_LIMIT']),
  );
  const second = await send(...messages);
  expect(second.numbers).toEqual(receipt(2n, { unchanged: 120n, refused: 20n }));
  expect(second.refusals).toEqual(first.refusals);
});

test('messages of one follower in flight together all get through', async () => {
  const [a, ...others] = people(41) as [string, ...string[]];
  const messages = others.map((followeeId) => ({ followerId: a, followeeIds: [followeeId] }));
  const follows = people(10).map((followeeId) => world.graph.follow(asUser(a, 60_000), { followerId: a, followeeId }));
  expect(settled((await send(...messages)).numbers)).toEqual({ messages: 40n, requested: 0n, refused: 0n, settled: 40n });
  await Promise.all(follows);
  await converged(a, ...others);
});

test('an import of nothing is a receipt of nothing', async () => {
  expect((await send()).numbers).toEqual(receipt(0n));
});

test('a broken import says where it goes on; its receipt is kept, and the rest completes it', async () => {
  const crowd = people(9);
  const importId = newId();
  const all = crowd.map((followerId, i) => ({
    followerId,
    followeeIds: [followerId, ...crowd.filter((id) => id !== followerId)],
    importId,
    index: BigInt(i),
  }));
  const bad = { followerId: 'nonsense', followeeIds: [newId()], importId, index: 6n };
  await expect(world.graph.getImport(asAdmin(), { importId })).rejects.toMatchObject({ reason: 'IMPORT_NOT_FOUND' });
  const failure: unknown = await send(...all.slice(0, 6), bad).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD', details: { metadata: { messages: '6' } } });
  const kept = (await world.graph.getImport(asAdmin(), { importId })).receipt!;
  expect(kept).toMatchObject(receipt(6n, { created: 48n, refused: 6n }));
  const goOn = isAppError(failure) ? Number(failure.details.metadata?.['messages']) : 0;
  // From two messages earlier, as who has lost the answer might: what is written is not counted again.
  const rest = await send(...all.slice(goOn - 2));
  expect(rest.numbers).toEqual(receipt(9n, { created: 72n, refused: 9n }));
  expect(rest.refusals.map(({ index, followeeId }) => [index, followeeId])).toEqual(crowd.map((id, i) => [BigInt(i), id]));
  expect((await world.graph.getImport(asAdmin(), { importId })).receipt).toEqual({ ...rest.numbers, refusals: rest.refusals });
  // Sent whole once more, it is the same import.
  expect(await send(...all)).toEqual(rest);
  await converged(...crowd);
});

test('a gap, messages out of order and another import among them are refused, and what stood before stands', async () => {
  const [a, ...others] = people(4) as [string, ...string[]];
  const importId = newId();
  const at = (index: bigint, id = importId): Message => ({
    followerId: a,
    followeeIds: [others[Number(index)]!],
    importId: id,
    index,
  });
  const refused = (field: string, messages: string) => ({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    details: { violations: [{ field }], metadata: { messages } },
  });
  await expect(send(at(1n))).rejects.toMatchObject(refused('index', '0'));
  await expect(send(at(0n), at(2n))).rejects.toMatchObject(refused('index', '1'));
  await expect(send(at(1n), at(2n, newId()))).rejects.toMatchObject(refused('import_id', '2'));
  expect((await world.graph.getImport(asAdmin(), { importId })).receipt).toMatchObject(receipt(2n, { created: 2n }));
  // Without an id nothing is kept, and an import may begin anywhere.
  expect((await send(at(2n, ''))).numbers).toEqual(receipt(3n, { created: 1n }));
});

test('a later stream of an import takes it over from an earlier one', async () => {
  const [a, b, c] = people(3) as [string, string, string];
  const importId = newId();
  const { promise: taken, resolve: takeOver } = Promise.withResolvers<void>();
  const earlier = async function* () {
    yield { followerId: a, followeeIds: [b], importId, index: 0n };
    await taken;
    yield { followerId: a, followeeIds: [c], importId, index: 1n };
  };
  const broken = world.graph.importFollows(asAdmin(60_000), earlier());
  broken.catch(() => {});
  await eventually(async () => expect(await followeesOf(a)).toEqual([b]));
  const { numbers } = await send({ followerId: a, followeeIds: [b], importId });
  // The earlier one may have saved its receipt, if it took so long.
  expect(settled(numbers)).toEqual({ messages: 1n, requested: 0n, refused: 0n, settled: 1n });
  takeOver();
  await expect(broken).rejects.toMatchObject({ code: 'ABORTED', reason: 'WRITE_CONFLICT' });
  expect((await world.graph.getImport(asAdmin(), { importId })).receipt).toMatchObject(numbers);
});

test('a stream that cannot go on where the import is takes nothing over', async () => {
  const [a, b, c] = people(3) as [string, string, string];
  const importId = newId();
  const { promise: refused, resolve: goOn } = Promise.withResolvers<void>();
  const running = async function* () {
    yield { followerId: a, followeeIds: [b], importId, index: 0n };
    await refused;
    yield { followerId: a, followeeIds: [c], importId, index: 1n };
  };
  const { promise: received, resolve: receive } = Promise.withResolvers<unknown>();
  world.graph.importFollows(asAdmin(60_000), running()).then(receive, receive);
  await eventually(async () => expect(await followeesOf(a)).toEqual([b]));
  const mistyped = send({ followerId: a, followeeIds: [c], importId, index: 7n });
  await expect(mistyped).rejects.toMatchObject({ reason: 'INVALID_FIELD', details: { violations: [{ field: 'index' }] } });
  goOn();
  expect(await received).toMatchObject({ receipt: { messages: 2n, refused: 0n } });
  expect(await followeesOf(a)).toEqual([b, c].toSorted());
});

test('whoever pauses in the midst of an import hears of a broken write meanwhile', async () => {
  const [a, b] = people(2) as [string, string];
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const silent = async function* () {
    yield { followerId: a, followeeIds: [b], importId: '', index: 0n };
    await over;
  };
  world.away.user = true;
  try {
    await expect(world.graph.importFollows(asAdmin(30_000), silent())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  } finally {
    world.away.user = false;
    end();
  }
});

const followeesOf = async (userId: string) =>
  (await world.app.db.query(testContext(), graphTable, { pk: tiesOf('FO', userId) })).items.map(({ sk }) => sk);

const stand = (userId: string, standing: Partial<Standing>, version = 1) => seedStanding(world.app.db, userId, standing, version);

const blocks = async (blockerId: string, blockedId: string) => {
  await seedTies(world.app.db, blockerId, keys.blocking(blockerId, blockedId));
  await seedTies(world.app.db, blockedId, keys.blockedBy(blockedId, blockerId));
};

const importsToldOf = async (followerId: string) => {
  const outbox = createOutboxStore(world.app.db, graphTable);
  const rows = [];
  for await (const page of outbox.archivedSince(testContext(), Date.now() - 3_600_000)) rows.push(...page);
  return rows
    .filter(({ subject }) => subject === followsImported.subject)
    .map(({ payload }) => followsImported.decode(payload))
    .filter((event) => event.followerId === followerId);
};
