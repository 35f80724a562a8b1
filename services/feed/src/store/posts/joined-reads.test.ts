import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { createJoinedReads } from './joined-reads.ts';

const started = () => {
  const begun: PromiseWithResolvers<number>[] = [];
  const reads = createJoinedReads<number>();
  const ask = (key = 'all', ctx = testContext()) =>
    reads(ctx, key, () => {
      begun.push(Promise.withResolvers());
      return begun.at(-1)!.promise;
    });
  return { begun, ask };
};

/** Lets everything happen that waits for nothing. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('who asks while a read is under way shares the next one, which begins after they asked', async () => {
  const { begun, ask } = started();
  const first = ask();
  const later = [ask(), ask(), ask()];
  expect(begun).toHaveLength(1);
  begun[0]!.resolve(1);
  expect(await first).toBe(1);
  await settle();
  expect(begun).toHaveLength(2);
  const latest = ask();
  begun[1]!.resolve(2);
  expect(await Promise.all(later)).toEqual([2, 2, 2]);
  await settle();
  begun[2]!.resolve(3);
  expect(await latest).toBe(3);
  await settle();
  const alone = ask();
  expect(begun).toHaveLength(4);
  begun[3]!.resolve(4);
  expect(await alone).toBe(4);
});

test('a read that fails fails for those who shared it; those behind it have their own', async () => {
  const { begun, ask } = started();
  const [first, second] = [ask(), ask()];
  begun[0]!.reject(new Error('the table is away'));
  await expect(first).rejects.toThrow('away');
  await settle();
  begun[1]!.resolve(2);
  expect(await second).toBe(2);
});

test('what differs is read side by side', async () => {
  const { begun, ask } = started();
  const both = [ask('a'), ask('b')];
  expect(begun).toHaveLength(2);
  for (const [i, read] of begun.entries()) read.resolve(i);
  expect(await Promise.all(both)).toEqual([0, 1]);
});

test('whoever leaves does not end the read of the others', async () => {
  const { begun, ask } = started();
  const leaving = new AbortController();
  const gone = ask('all', { ...testContext(), signal: leaving.signal });
  const [staying] = [ask()];
  leaving.abort();
  await expect(gone).rejects.toMatchObject({ code: 'CANCELLED' });
  begun[0]!.resolve(1);
  await settle();
  begun[1]!.resolve(2);
  expect(await staying).toBe(2);
});

test('a read that fails when all who joined it are gone fails for nobody', async () => {
  const { begun, ask } = started();
  const first = ask();
  const gone = new AbortController();
  gone.abort();
  await expect(ask('all', { ...testContext(), signal: gone.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  begun[0]!.resolve(1);
  expect(await first).toBe(1);
  await settle();
  begun[1]!.reject(new Error('the table is away'));
  await settle();
  const next = ask();
  begun[2]!.resolve(3);
  expect(await next).toBe(3);
});
