import { expect, test } from 'vitest';

import { createLanes } from './lanes.ts';

test('work on one product is done one at a time, in the order it came; work on others goes on', async () => {
  const lanes = createLanes();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = lanes(['A'], () => gate.promise.then(() => void done.push('first on A')));
  const second = lanes(['A', 'B'], async () => void done.push('A and B'));
  const third = lanes(['B'], async () => void done.push('B'));
  await lanes(['C'], async () => void done.push('C'));
  expect(done).toEqual(['C']);
  gate.resolve();
  await Promise.all([first, second, third]);
  expect(done).toEqual(['C', 'first on A', 'A and B', 'B']);
});

test('two works that cross do not wait for one another, and a failure lets the next one in', async () => {
  const lanes = createLanes();
  const failing = lanes(['A', 'B'], () => Promise.reject(new Error('broken')));
  const crossing = lanes(['B', 'A'], () => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('broken');
  expect(await crossing).toBe('done');
});
