import { expect, test } from 'vitest';

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

test('when news may have been missed, all are woken', async () => {
  const hub = createHub();
  using a = hub.watch('ann');
  using b = hub.watch('bob');
  const woken = Promise.all([a.next(LONG, never), b.next(LONG, never)]);
  hub.wakeAll();
  expect(await woken).toHaveLength(2);
});

test('news between two waits is not missed; whoever leaves is forgotten', async () => {
  const hub = createHub();
  const lookout = hub.watch('ann');
  hub.wake('ann');
  await lookout.next(LONG, never);
  lookout[Symbol.dispose]();
  expect(hub.size).toBe(0);
});
