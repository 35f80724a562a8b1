import { expect, test } from 'vitest';

import { createPoller, inLanes } from './poller.ts';

test('looks again at once when much was found, goes on after a failure, and ends when closed', async () => {
  const failures: unknown[] = [];
  const seen = Promise.withResolvers<AbortSignal>();
  let looks = 0;
  const look = async (signal: AbortSignal): Promise<number> => {
    looks++;
    if (looks === 2) throw new Error('no luck');
    if (looks === 3) seen.resolve(signal);
    return 25;
  };
  const poller = createPoller({ look, many: 25, failed: (error) => failures.push(error) });
  poller.start();
  poller.start();
  const signal = await seen.promise;
  expect(failures).toMatchObject([{ message: 'no luck' }]);
  await poller.close();
  expect(signal.aborted).toBe(true);
  const after = looks;
  expect(await poller.poll()).toBe(25);
  expect(looks).toBe(after + 1);
});

test('lanes work through everything, never more than so many at a time', async () => {
  const done: number[] = [];
  let at = 0;
  let most = 0;
  await inLanes([1, 2, 3, 4, 5, 6, 7], 3, async (n) => {
    most = Math.max(most, ++at);
    await new Promise((resolve) => setImmediate(resolve));
    at--;
    done.push(n);
  });
  expect(done.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
  await expect(inLanes([1, 2], 2, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});
