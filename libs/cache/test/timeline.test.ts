import { newId } from '@plaza/core';
import { testContext, uniqueNamespace } from '@plaza/testing';
import { expect, test } from 'vitest';

import { createGenerationLease, createTimeline } from '../src/index.ts';
import { NOBODY } from '../src/connect.ts';
import { useRedis } from './setup.ts';

const bench = useRedis();

const start = async (options: { cap?: number; generation?: number } = {}) => {
  const place = { redis: bench().redis, namespace: uniqueNamespace(), name: 'home' };
  const timeline = createTimeline({ ...place, cap: options.cap ?? 5, ttlMs: 60_000 });
  const lease = createGenerationLease(place);
  await lease.renew(testContext(), options.generation ?? 1);
  const warm = async (ids: string[], floor = '') => {
    const token = await timeline.begin(testContext(), 'v');
    await timeline.fill(testContext(), 'v', token!, ids, floor);
  };
  const insert = (...ids: string[]) =>
    timeline.insert(
      testContext(),
      ids.map((id) => ({ owner: 'v', id })),
    );
  const page = (limit = 10, before?: string) => timeline.page(testContext(), 'v', { limit, before });
  return { ...place, timeline, lease, warm, insert, page };
};

test('a cold head stays cold: an insert does not make a feed of one post', async () => {
  const { insert, page } = await start();
  await insert('1');
  expect(await page()).toBeUndefined();
});

test('pages, newest first, down to the end of the history', async () => {
  const { warm, page } = await start();
  await warm(['1', '2', '3', '4', '5']);
  expect(await page(2)).toEqual({ ids: ['5', '4'], reachedFloor: false });
  expect(await page(2, '4')).toEqual({ ids: ['3', '2'], reachedFloor: false });
  expect(await page(2, '2')).toEqual({ ids: ['1'], reachedFloor: true });
  expect(await page(5)).toEqual({ ids: ['5', '4', '3', '2', '1'], reachedFloor: true });
});

test('an empty history is known to be empty', async () => {
  const { warm, page, insert } = await start();
  await warm([]);
  expect(await page()).toEqual({ ids: [], reachedFloor: true });
  await insert('1');
  expect(await page()).toEqual({ ids: ['1'], reachedFloor: true });
});

test('below a floor, the table is asked', async () => {
  const { warm, page, insert } = await start();
  await warm(['3', '4'], '3');
  await insert('2', '5', '4');
  expect(await page()).toEqual({ ids: ['5', '4', '3'], reachedFloor: false });
  expect(await page(10, '3')).toEqual({ ids: [], reachedFloor: false });
});

test('trimming raises the floor to what was dropped', async () => {
  const { warm, page, insert } = await start({ cap: 3 });
  await warm(['1', '2', '3', '4', '5']);
  expect(await page()).toEqual({ ids: ['5', '4', '3'], reachedFloor: false });
  await insert('6', '2', '7');
  expect(await page()).toEqual({ ids: ['7', '6', '5'], reachedFloor: false });
});

test('what is inserted between the read of the table and the fill is kept', async () => {
  const { timeline, page, insert } = await start();
  const token = await timeline.begin(testContext(), 'v');
  await insert('3');
  expect(await page()).toBeUndefined();
  await timeline.fill(testContext(), 'v', token!, ['1', '2'], '');
  expect(await page()).toEqual({ ids: ['3', '2', '1'], reachedFloor: true });
});

test('what does not fit beside the inserts is dropped, and the floor says so', async () => {
  const { timeline, page, insert } = await start({ cap: 3 });
  const token = await timeline.begin(testContext(), 'v');
  await insert('3', '4');
  await timeline.fill(testContext(), 'v', token!, ['1', '2'], '');
  expect(await page()).toEqual({ ids: ['4', '3', '2'], reachedFloor: false });
});

test('while one reader warms, another does not begin; a dropped head makes the first fill void', async () => {
  const { timeline, page, insert } = await start();
  const first = await timeline.begin(testContext(), 'v');
  expect(await timeline.begin(testContext(), 'v')).toBeUndefined();
  await timeline.drop(testContext(), 'v');
  await insert('3');
  const second = await timeline.begin(testContext(), 'v');
  await timeline.fill(testContext(), 'v', first!, ['1', '2'], '');
  expect(await page()).toBeUndefined();
  await timeline.fill(testContext(), 'v', second!, ['1', '2', '3'], '');
  expect(await page()).toEqual({ ids: ['3', '2', '1'], reachedFloor: true });
});

test('what is removed does not come back by a fill that read before', async () => {
  const { timeline, page, warm } = await start();
  const token = await timeline.begin(testContext(), 'v');
  await timeline.remove(testContext(), 'v', ['2']);
  await timeline.fill(testContext(), 'v', token!, ['1', '2'], '');
  expect(await page()).toBeUndefined();
  await warm(['1', '3', '4']);
  await timeline.remove(testContext(), 'v', ['3', '4']);
  expect(await page()).toEqual({ ids: ['1'], reachedFloor: true });
});

test('heads of another generation are cold, and a generation that was given up cannot come back', async () => {
  const { lease, page, warm } = await start({ generation: 3 });
  await warm(['1']);
  expect(await page()).toBeDefined();
  await lease.renew(testContext(), 4);
  expect(await page()).toBeUndefined();
  await expect(lease.renew(testContext(), 3)).rejects.toMatchObject({ reason: 'WRITE_CONFLICT' });
  await warm(['1', '2']);
  expect((await page())?.ids).toEqual(['2', '1']);
});

test('without a lease nothing is served and nothing is warmed', async () => {
  const { timeline, page, warm, redis, namespace, lease } = await start();
  await warm(['1']);
  await redis.send(NOBODY, [{ name: 'del', args: [`${namespace}:feed:timeline:{home}:lease`] }]);
  expect(await page()).toBeUndefined();
  expect(await timeline.begin(testContext(), 'other')).toBeUndefined();
  await lease.renew(testContext(), 1);
  expect(await page()).toEqual({ ids: ['1'], reachedFloor: true });
});

test('a server that comes back with an old snapshot has no head that is trusted', async () => {
  const { lease, page, warm, insert } = await start();
  await warm(['1']);
  await bench().tester.send(NOBODY, [{ name: 'save', args: [] }], 5_000);
  await insert('2');
  await bench().engine.kill();
  await bench().engine.start();
  await bench().back();
  await lease.renew(testContext(), 1);
  expect(await page()).toBeUndefined();
});

test('reading keeps a head alive, inserting does not; the whole head costs 21 KB', async () => {
  const { timeline, namespace, lease } = await start({ cap: 500 });
  await lease.renew(testContext(), 1);
  const token = await timeline.begin(testContext(), 'v');
  await timeline.fill(
    testContext(),
    'v',
    token!,
    Array.from({ length: 600 }, () => newId()),
    '',
  );
  const key = `${namespace}:feed:timeline:home:{v}`;
  const pttl = async () => ((await bench().tester.send(NOBODY, [{ name: 'pttl', args: [key] }])) as [number])[0];
  await bench().tester.send(NOBODY, [{ name: 'pexpire', args: [key, 1_000] }]);
  await timeline.insert(testContext(), [{ owner: 'v', id: newId() }]);
  expect(await pttl()).toBeLessThanOrEqual(1_000);
  expect((await timeline.page(testContext(), 'v', { limit: 1_000 }))?.ids).toHaveLength(500);
  expect(await pttl()).toBeGreaterThan(50_000);
  const [bytes] = (await bench().tester.send(NOBODY, [{ name: 'memory', args: ['usage', key] }])) as [number];
  expect(bytes).toBeLessThan(2.2 * 500 * 26);
});
