import process from 'node:process';

import { AppError } from '@plaza/core';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createRounds } from '../src/rounds.ts';

/** Rounds over values that a test changes, each read ending when the test says so. */
const scene = (options: { most?: number; atOnce?: number } = {}) => {
  const values = new Map<string, number>();
  const reads: { keys: readonly string[]; end: () => void; fail: (error: unknown) => void }[] = [];
  const rounds = createRounds<string, number>({
    most: options.most ?? 100,
    atOnce: options.atOnce ?? 1,
    timeoutMs: 1_000,
    read: async (_ctx, keys) => {
      // What the table says is decided at some moment of the read; here at its end, or its failure.
      const over = Promise.withResolvers<void>();
      reads.push({ keys, end: over.resolve, fail: over.reject });
      await over.promise;
      return new Map(keys.flatMap((key) => (values.has(key) ? [[key, values.get(key)!]] : [])));
    },
  });
  return { values, reads, rounds };
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('who asks at one moment is answered by one read, in which each key stands once', async () => {
  const { values, reads, rounds } = scene();
  values.set('a', 1);
  const answers = [rounds(testContext(), ['a', 'b']), rounds(testContext(), ['b', 'a'])];
  await turn();
  expect(reads.map(({ keys }) => keys)).toEqual([['a', 'b']]);
  reads[0]!.end();
  for (const answer of answers) expect((await answer).get('a')).toBe(1);
  for (const answer of answers) expect((await answer).has('b')).toBe(false);
});

test('who asks while a read is under way is answered by a later one, also for the same key', async () => {
  const { reads, rounds } = scene();
  const first = rounds(testContext(), ['a']);
  await turn();
  const later = [rounds(testContext(), ['a']), rounds(testContext(), ['c'])];
  await turn();
  expect(reads).toHaveLength(1);
  reads[0]!.end();
  await first;
  await turn();
  expect(reads.map(({ keys }) => keys)).toEqual([['a'], ['a', 'c']]);
  reads[1]!.end();
  await Promise.all(later);
});

test('a round holds as many keys as it may, and one asker with more goes alone', async () => {
  const { reads, rounds } = scene({ most: 3 });
  const asked = [['a', 'b'], ['b', 'c'], ['d'], ['e', 'f', 'g', 'h'], ['i']];
  const answers = asked.map((keys) => rounds(testContext(), keys));
  for (let i = 0; i < 4; i++) {
    await turn();
    reads[i]!.end();
  }
  await Promise.all(answers);
  expect(reads.map(({ keys }) => keys)).toEqual([['a', 'b', 'c'], ['d'], ['e', 'f', 'g', 'h'], ['i']]);
});

test('several rounds go side by side, and no more than may', async () => {
  const { reads, rounds } = scene({ atOnce: 2 });
  const answers: Promise<unknown>[] = [];
  for (const key of ['a', 'b', 'c', 'd']) {
    answers.push(rounds(testContext(), [key]));
    await turn();
  }
  expect(reads.map(({ keys }) => keys)).toEqual([['a'], ['b']]);
  reads[1]!.end();
  await turn();
  expect(reads.map(({ keys }) => keys)).toEqual([['a'], ['b'], ['c', 'd']]);
  for (const { end } of reads) end();
  await Promise.all(answers);
});

test('a read that fails fails for those who waited for it, and for nobody after them', async () => {
  const { reads, rounds } = scene();
  const [one, other] = [rounds(testContext(), ['a']), rounds(testContext(), ['b'])];
  await turn();
  const next = rounds(testContext(), ['a']);
  const away = new AppError('UNAVAILABLE', 'STORE_UNAVAILABLE', 'away', { domain: 'plaza' });
  reads[0]!.fail(away);
  await expect(one).rejects.toBe(away);
  await expect(other).rejects.toBe(away);
  await turn();
  reads[1]!.end();
  await next;
});

test('who leaves takes nobody along', async () => {
  const { reads, rounds } = scene();
  const leaving = new AbortController();
  const gone = rounds({ ...testContext(), signal: leaving.signal }, ['a']);
  const stays = rounds(testContext(), ['a']);
  await turn();
  leaving.abort();
  await expect(gone).rejects.toMatchObject({ code: 'CANCELLED' });
  reads[0]!.end();
  await stays;
});

test('a read that fails when all who asked are gone, be it before they asked, is the error of nobody', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  const { reads, rounds } = scene();
  const gone = rounds({ ...testContext(), signal: AbortSignal.abort() }, ['a']);
  await expect(gone).rejects.toMatchObject({ code: 'CANCELLED' });
  await turn();
  reads[0]!.fail(new Error('away'));
  await turn();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

test('nobody is answered anything older than their question', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom('ask', 'write'), { minLength: 1, maxLength: 20 }),
      async (scheduler, steps) => {
        let value = 0;
        const stale: unknown[] = [];
        const rounds = createRounds<string, number>({
          most: 2,
          atOnce: 2,
          timeoutMs: 1_000,
          read: async () => {
            await scheduler.schedule(Promise.resolve(), 'read');
            const read = value;
            await scheduler.schedule(Promise.resolve(), 'answer');
            return new Map([['k', read]]);
          },
        });
        const asks = steps.map(async (step) => {
          await scheduler.schedule(Promise.resolve(), step);
          if (step === 'write') return void value++;
          const before = value;
          const read = (await rounds(testContext(), ['k'])).get('k')!;
          if (read < before) stale.push({ before, read });
        });
        await scheduler.waitFor(Promise.all(asks));
        expect(stale).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});
