import { newId, type Context } from '@plaza/core';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { erasureHandler, reportTo } from '../src/index.ts';

test('begins no sooner than twelve seconds after the deletion, then erases and reports', async () => {
  const { handle, happened, userId } = world(1_000_000);
  const start = performance.now();
  await handle(testContext(), { userId, deleteTime: new Date(1_000_000 - 11_900) }, running());
  expect(performance.now() - start).toBeGreaterThanOrEqual(95);
  expect(happened).toEqual([
    ['erase', userId],
    ['report', { userId, erased: [{ kind: 'posts', count: 3n }], kept: ['ledger: accounts'] }],
  ]);
});

test('gives the message back when its time is over before the wait is', async () => {
  const { handle, happened, userId } = world(1_000_000);
  const hurried = testContext({ timeoutMs: 30 });
  const event = { userId, deleteTime: new Date(1_000_000) };
  await expect(handle(hurried, event, running())).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(happened).toEqual([]);
});

test('gives the message back at once when the process stops while it waits, and finishes when it has begun', async () => {
  const { handle, happened, userId } = world(1_000_000);
  const process = new AbortController();
  const start = performance.now();
  const waiting = handle(testContext(), { userId, deleteTime: new Date(1_000_000) }, { stopping: process.signal });
  process.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(performance.now() - start).toBeLessThan(5000);
  expect(happened).toEqual([]);

  await handle(testContext(), { userId, deleteTime: new Date(0) }, { stopping: process.signal });
  expect(happened).toHaveLength(2);
});

test('reports nothing when erasing breaks off', async () => {
  const { handle, happened, userId, breakOff } = world(1_000_000);
  breakOff();
  await expect(handle(testContext(), { userId, deleteTime: new Date(0) }, running())).rejects.toThrow('broken');
  expect(happened).toEqual([]);
});

const running = () => ({ stopping: new AbortController().signal });

const world = (now: number) => {
  const happened: unknown[] = [];
  let broken = false;
  const handle = erasureHandler({
    now: () => now,
    erase: async (_ctx: Context, userId) => {
      if (broken) throw new Error('broken');
      happened.push(['erase', userId]);
      return { erased: { posts: 3 }, kept: ['ledger: accounts'] };
    },
    report: reportTo({
      reportErasure: async (_ctx, report) => {
        happened.push(['report', report]);
        return {};
      },
    }),
  });
  return { handle, happened, userId: newId(), breakOff: () => (broken = true) };
};
