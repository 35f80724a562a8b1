import { expect, test, vi } from 'vitest';

import { createHub } from './hub.ts';

const never = new AbortController().signal;
const LONG = 60_000;

test('all who wait for one key are woken, and nobody else', async () => {
  const hub = createHub();
  using a = hub.watch('o1');
  using b = hub.watch('o1');
  using other = hub.watch('o2');
  const woken = Promise.all([a.next(LONG, never), b.next(LONG, never)]);
  const asleep = other.next(30, never).then(() => 'time is up');
  hub.wake('o1');
  await woken;
  expect(await asleep).toBe('time is up');
});

test('news between two waits is not missed, and counts once', async () => {
  const hub = createHub();
  using lookout = hub.watch('o1');
  hub.wake('o1');
  hub.wake('o1');
  await lookout.next(LONG, never);
  const outcome = await Promise.race([lookout.next(LONG, never).then(() => 'woken'), Promise.resolve('asleep')]);
  expect(outcome).toBe('asleep');
});

test('whoever leaves is forgotten, and leaves the others alone', async () => {
  const hub = createHub();
  using stays = hub.watch('o1');
  hub.watch('o1')[Symbol.dispose]();
  expect(hub.size).toBe(1);
  hub.wake('o1');
  await stays.next(LONG, never);
  stays[Symbol.dispose]();
  expect(hub.size).toBe(0);
});

test('the caller going away ends the wait', async () => {
  const hub = createHub();
  using lookout = hub.watch('o1');
  const gone = new AbortController();
  const wait = lookout.next(LONG, gone.signal);
  gone.abort();
  expect(await wait).toBeUndefined();
});

test('when news may have been missed, all are woken, one after the other', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const chances = [0.2, 0.8];
  const hub = createHub({ random: () => chances.shift()! });
  using a = hub.watch('ann');
  using b = hub.watch('bob');
  const woken: string[] = [];
  const both = [a.next(LONG, never).then(() => woken.push('ann')), b.next(LONG, never).then(() => woken.push('bob'))];
  hub.wakeAll(1_000);
  await vi.advanceTimersByTimeAsync(199);
  expect(woken).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(woken).toEqual(['ann']);
  await vi.advanceTimersByTimeAsync(600);
  await Promise.all(both);
  vi.useRealTimers();
});
