import { expect, test } from 'vitest';

import { eventually, testContext, uniqueNamespace } from '../src/index.ts';

test('eventually gives back what the first try that holds returned', async () => {
  let tries = 0;
  const value = await eventually(
    () => {
      expect(++tries).toBeGreaterThan(2);
      return tries;
    },
    { everyMs: 1 },
  );
  expect(value).toBe(3);
});

test('eventually fails with the expectation that did not hold', async () => {
  await expect(eventually(() => expect('stale').toBe('fresh'), { timeoutMs: 20, everyMs: 5 })).rejects.toThrow('fresh');
});

test('a test context has a deadline and a live signal', () => {
  const ctx = testContext({ timeoutMs: 1_000, caller: { kind: 'user', userId: 'u1' } });
  expect(ctx.deadline - Date.now()).toBeGreaterThan(900);
  expect(ctx.signal.aborted).toBe(false);
  expect(ctx.caller).toEqual({ kind: 'user', userId: 'u1' });
});

test('namespaces are never the same and fit a stream, a table and a key', () => {
  const names = new Set(Array.from({ length: 1_000 }, uniqueNamespace));
  expect(names.size).toBe(1_000);
  for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9]{3,20}$/);
});
