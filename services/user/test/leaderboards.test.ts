import { connectRedis } from '@plaza/cache';
import { newId, noMetrics, silentLog } from '@plaza/core';
import { update } from '@plaza/dynamo';
import type { AddScoreRequest } from '@plaza/proto/plaza/user/v1/leaderboard_service';
import { asAdmin, asService, asUser, eventually, startRedis, testContext, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, usersTable } from '../src/store/table.ts';
import { people, refusal } from './builders.ts';
import { startService, type Service } from './service.ts';

let redis: Engine;
let service: Service;
beforeAll(async () => {
  redis = await startRedis();
  service = await startService({ redisUrl: redis.url });
});
afterAll(async () => {
  await service?.close();
  await redis?.stop();
});

const anyone = () => testContext();

test('scores are added by services and admins, and read by anyone', async () => {
  const [ada] = (await people(service, 1)) as [string];
  const board = newBoard();
  for (const ctx of [asAdmin(), asService('feed'), asService('order', ada)]) await add(board, ada, 1, ctx);
  for (const ctx of [asUser(ada), asService('user', ada)])
    expect(await refusal(add(board, ada, 1, ctx))).toMatchObject({ code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' });
  expect(await refusal(add(board, ada, 1, anyone()))).toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await top(board)).toEqual([[ada, 3]]);
  expect((await service.leaderboards.getRank(anyone(), { board, userId: ada })).score).toMatchObject({ score: 3n, rank: 1n });
});

test('an event counts once, whoever repeats it, and is good for no other', async () => {
  const [ada, bob] = (await people(service, 2)) as [string, string];
  const event = { board: newBoard(), userId: ada, delta: 5n, eventId: 'quiz:1' };
  const answers = await Promise.all([asAdmin(), asService('feed')].map((ctx) => service.leaderboards.addScore(ctx, event)));
  expect(answers).toEqual([1, 2].map(() => ({ userId: ada, score: 5n })));
  await add(event.board, ada, 2);
  expect(await service.leaderboards.addScore(asAdmin(), event)).toEqual(answers[0]);
  expect(await top(event.board)).toEqual([[ada, 7]]);
  for (const other of [{ delta: 6n }, { userId: bob }])
    expect(await refusal(service.leaderboards.addScore(asAdmin(), { ...event, ...other }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'REQUEST_ID_REUSED',
      details: { domain: 'plaza', violations: [{ field: 'event_id' }] },
    });
  const board = newBoard();
  expect((await service.leaderboards.addScore(asAdmin(), { ...event, board, userId: bob })).score).toBe(5n);
});

test('what cannot be counted is refused', async () => {
  const [ada] = (await people(service, 1)) as [string];
  const board = newBoard();
  const most = 1_000_000_000_000;
  expect((await add(board, ada, most)).score).toBe(BigInt(most));
  for (const delta of [0n, BigInt(most) + 1n, -9_223_372_036_854_775_808n]) {
    const call = service.leaderboards.addScore(asAdmin(), { board, userId: ada, delta, eventId: newId() });
    expect(await refusal(call)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
  }
  for (const name of ['', 'UPPER', 'a b', 'x'.repeat(61)])
    expect(await refusal(add(name, ada, 1))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
  expect(await top(board)).toEqual([[ada, most]]);

  const full = update(usersTable, keys.score(board, ada), { set: { score: Number.MAX_SAFE_INTEGER } });
  await service.app.db.write(testContext(), full);
  expect(await refusal(add(board, ada, 1))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'SCORE_OUT_OF_RANGE' });
  expect((await add(board, ada, -1)).score).toBe(9_007_199_254_740_990n);
});

test('of equal scores the earlier one stands higher', async () => {
  const crowd = await people(service, 5);
  const board = newBoard();
  for (const userId of crowd) await add(board, userId, 10);
  await add(board, crowd[0]!, 1);
  await add(board, crowd[0]!, -1);
  const order = [...crowd.slice(1), crowd[0]!];
  expect((await top(board)).map(([userId]) => userId)).toEqual(order);
  expect(await Promise.all(order.map((userId) => rankOf(board, userId)))).toEqual([1, 2, 3, 4, 5]);
});

test('a board is read in pages; a rank is known also outside of the top', async () => {
  const crowd = await people(service, 7);
  const board = newBoard();
  for (const [i, userId] of crowd.entries()) await add(board, userId, 100 - i);
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await service.leaderboards.listTopScores(anyone(), { board, pageSize: 3, pageToken });
    expect(page.scores.map(({ rank }) => Number(rank))).toEqual(page.scores.map((_, i) => seen.length + i + 1));
    seen.push(...page.scores.map(({ userId }) => userId));
    ({ nextPageToken: pageToken } = page);
  } while (pageToken !== '');
  expect(seen).toEqual(crowd);
  expect(await rankOf(board, crowd[6]!)).toBe(7);

  const { nextPageToken } = await service.leaderboards.listTopScores(anyone(), { board, pageSize: 1 });
  for (const [ctx, other] of [
    [anyone(), newBoard()],
    [asAdmin(), board],
  ] as const)
    expect(await refusal(service.leaderboards.listTopScores(ctx, { board: other, pageToken: nextPageToken }))).toMatchObject({
      reason: 'PAGE_TOKEN_INVALID',
    });
  expect(await service.leaderboards.listTopScores(anyone(), { board: newBoard() })).toEqual({ scores: [], nextPageToken: '' });
});

test('who is not there has no score, who is deleted leaves a gap, and who is restored fills it', async () => {
  const [ada, bob, cyd] = (await people(service, 3)) as [string, string, string];
  const board = newBoard();
  const gone = { code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' };
  const none = { code: 'NOT_FOUND', reason: 'SCORE_NOT_FOUND' };
  expect(await refusal(add(board, newId(), 1))).toMatchObject(gone);
  for (const userId of [ada, newId()]) expect(await refusal(rankOf(board, userId))).toMatchObject(none);

  const event = { board, userId: bob, delta: 2n, eventId: newId() };
  await add(board, ada, 3);
  const first = await service.leaderboards.addScore(asAdmin(), event);
  await add(board, cyd, 1);
  await service.users.deleteUser(asAdmin(), { userId: bob, requestId: newId() });
  expect(await top(board)).toEqual([
    [ada, 3],
    [cyd, 1],
  ]);
  expect(await rankOf(board, cyd)).toBe(3);
  expect(await refusal(rankOf(board, bob))).toMatchObject(none);
  expect(await refusal(add(board, bob, 1))).toMatchObject(gone);
  expect(await service.leaderboards.addScore(asAdmin(), event)).toEqual(first);

  await service.users.undeleteUser(asAdmin(), { userId: bob, requestId: newId() });
  expect(await rankOf(board, bob)).toBe(2);
  expect((await add(board, bob, 1)).score).toBe(3n);
});

test('racing callers that repeat themselves count every event once', { timeout: 120_000 }, async () => {
  const crowd = await people(service, 5);
  const board = newBoard();
  const events = Array.from({ length: 60 }, (_, i): AddScoreRequest => {
    return { board, userId: crowd[i % crowd.length]!, delta: BigInt(1 + (i % 4)), eventId: `event-${i}` };
  });
  const answers = new Map<string, Set<bigint>>(events.map(({ eventId }) => [eventId, new Set()]));
  const call = async (event: AddScoreRequest) => {
    const { score } = await service.leaderboards.addScore(asAdmin(60_000), event);
    answers.get(event.eventId)!.add(score);
  };
  const callers = Array.from({ length: 8 }, () => shuffled([...events, ...events.slice(0, 20)]).slice(0, 40));
  const race = callers.map(async (due) => {
    for (const event of due) await call(event);
  });
  const reader = async () => {
    for (let i = 0; i < 20; i++) await top(board);
  };
  await Promise.all([...race, reader()]);
  for (const event of events) await call(event);

  for (const userId of crowd) {
    // The model: some order of the person's events, each answered by the sum so far.
    const steps = events
      .filter((event) => event.userId === userId)
      .map(({ eventId, delta }) => [...answers.get(eventId)!, delta]);
    expect(steps.every((step) => step.length === 2)).toBe(true);
    let sum = 0n;
    for (const [score, delta] of steps.toSorted(([a], [b]) => Number(a! - b!))) expect((sum += delta!)).toBe(score);
    expect((await service.leaderboards.getRank(anyone(), { board, userId })).score!.score).toBe(sum);
  }
  const { scores } = await service.leaderboards.listTopScores(anyone(), { board });
  expect(scores.toSorted((a, b) => Number(b.score - a.score) || Number(a.reachTime) - Number(b.reachTime))).toEqual(scores);
  expect(scores.map(({ userId }) => userId).toSorted()).toEqual(crowd.toSorted());
});

test('the answers are the same after a wipe of Redis, without Redis, and when it is back', { timeout: 60_000 }, async () => {
  const crowd = await people(service, 4);
  const board = newBoard();
  for (const [i, userId] of crowd.entries()) await add(board, userId, 1 + (i % 3));
  const answers = async () => ({
    top: await service.leaderboards.listTopScores(anyone(), { board }),
    ranks: await Promise.all(crowd.map((userId) => rankOf(board, userId))),
  });
  const before = await answers();
  const viewed = await hits();
  await eventually(async () => {
    expect(await answers()).toEqual(before);
    expect(await hits()).toBeGreaterThan(viewed);
  });
  await flush();
  expect(await answers()).toEqual(before);
  await redis.stop();
  expect(await answers()).toEqual(before);

  await add(board, crowd[0]!, 50);
  const after = await answers();
  expect(after.ranks[0]).toBe(1);
  await redis.start();
  await eventually(async () => expect(await isCached()).toBe(true));
  expect(await answers()).toEqual(after);
});

const newBoard = () => `board-${newId().toLowerCase()}`;

const add = (board: string, userId: string, delta: number, ctx = asAdmin()) =>
  service.leaderboards.addScore(ctx, { board, userId, delta: BigInt(delta), eventId: newId() });

const top = async (board: string): Promise<[string, number][]> => {
  const { scores } = await service.leaderboards.listTopScores(anyone(), { board });
  return scores.map(({ userId, score }) => [userId, Number(score)]);
};

const rankOf = async (board: string, userId: string): Promise<number> =>
  Number((await service.leaderboards.getRank(anyone(), { board, userId })).score!.rank);

const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((each) => ({ each, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ each }) => each);

const flush = async (): Promise<void> => {
  const direct = connectRedis({ owner: 'user', url: redis.url, log: silentLog, metrics: noMetrics });
  await eventually(() => direct.send({ trace: '' }, [{ name: 'flushall', args: [] }]));
  await direct.close();
};

/** Reads that the view answered. */
const hits = async (): Promise<number> => {
  const metrics = await (await fetch(`http://127.0.0.1:${service.app.adminPort}/metrics`)).text();
  return Number(/^cache_requests_total\{cache="board",result="hit"\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
};

/** Whether the service talks to Redis. */
const isCached = async (): Promise<boolean> => {
  const status = await fetch(`http://127.0.0.1:${service.app.adminPort}/statusz`);
  return ((await status.json()) as { cache: boolean }).cache;
};
