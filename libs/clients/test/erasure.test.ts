import { newId, type Context } from '@plaza/core';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { erasureHandler } from '../src/index.ts';

test('begins no sooner than twelve seconds after the deletion, then erases and reports', async () => {
  const { handle, happened, userId } = world(1_000_000);
  const start = performance.now();
  await handle(testContext(), { userId, deleteTime: new Date(1_000_000 - 11_900) });
  expect(performance.now() - start).toBeGreaterThanOrEqual(95);
  expect(happened).toEqual([
    ['erase', userId],
    ['report', { userId, erased: [{ kind: 'posts', count: 3n }], kept: ['ledger: accounts'] }],
  ]);
});

test('gives the message back when its time is over before the wait is', async () => {
  const { handle, happened, userId } = world(1_000_000);
  const hurried = testContext({ timeoutMs: 30 });
  await expect(handle(hurried, { userId, deleteTime: new Date(1_000_000) })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(happened).toEqual([]);
});

test('reports nothing when erasing breaks off', async () => {
  const { handle, happened, userId, breakOff } = world(1_000_000);
  breakOff();
  await expect(handle(testContext(), { userId, deleteTime: new Date(0) })).rejects.toThrow('broken');
  expect(happened).toEqual([]);
});

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
    users: {
      reportErasure: async (_ctx, report) => {
        happened.push(['report', report]);
        return {};
      },
    },
  });
  return { handle, happened, userId: newId(), breakOff: () => (broken = true) };
};
