import { expect, test } from 'vitest';

import { comesTrue } from './come-true.ts';
import { backgroundContext } from './context.ts';
import { silentLog } from './log.ts';

const call = () => backgroundContext({ method: 'test', timeoutMs: 10_000, log: silentLog });

test('what is so by now, or soon, is true; what never is, is not', async () => {
  let asked = 0;
  expect(await comesTrue(call(), async () => ++asked === 1)).toBe(true);
  expect(asked).toBe(1);
  expect(await comesTrue(call(), async () => ++asked === 3)).toBe(true);
  asked = 0;
  expect(await comesTrue(call(), async () => ++asked > 5)).toBe(false);
  expect(asked).toBe(5);
});

test('a call that has ended does not wait', async () => {
  const begin = performance.now();
  const ended = { ...call(), signal: AbortSignal.abort() };
  expect(await comesTrue(ended, async () => false)).toBe(false);
  expect(performance.now() - begin).toBeLessThan(150);
});
