import { expect, test, vi } from 'vitest';

import { createHub } from './hub.ts';

const never = new AbortController().signal;
const LONG = 60_000;

test('those who wait for somebody are woken, and nobody else', async () => {
  const hub = createHub();
  using a = hub.watch('ann');
  using b = hub.watch('ann');
  using other = hub.watch('bob');
  const woken = Promise.all([a.next(LONG, never), b.next(LONG, never)]);
  const asleep = other.next(30, never).then(() => 'time is up');
  hub.wake('ann');
  await woken;
  expect(await asleep).toBe('time is up');
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

test('news between two waits is not missed; whoever leaves is forgotten', async () => {
  const hub = createHub();
  const lookout = hub.watch('ann');
  hub.wake('ann');
  await lookout.next(LONG, never);
  lookout[Symbol.dispose]();
  expect(hub.size).toBe(0);
});
