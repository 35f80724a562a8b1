import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

import { testContext } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { createPasswords } from './passwords.ts';

const passwords = createPasswords({ workers: 2 });
afterAll(() => passwords.close());
const ctx = () => testContext({ timeoutMs: 30_000 });

test('a password is recognised by its hash, in any composition of its letters, and no other is', async () => {
  const hash = await passwords.hash(ctx(), 'caf\u00e9 au lait');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.verify(ctx(), 'cafe\u0301 au lait', hash)).toBe(true);
  expect(await passwords.verify(ctx(), 'cafe au lait', hash)).toBe(false);
});

test('one password has a new hash each time', async () => {
  expect(await passwords.hash(ctx(), 'open sesame')).not.toBe(await passwords.hash(ctx(), 'open sesame'));
});

test.runIf(process.platform === 'linux')('it hashes in threads of its own, and only they give way', async () => {
  await Promise.all(['a', 'b', 'c', 'd'].map((password) => passwords.hash(ctx(), password)));
  const polite = niceOfThreads().filter((nice) => nice > 0);
  expect(polite, 'as many threads as workers').toEqual([10, 10]);
});

test('a thread that dies fails its own job alone, and is replaced', async () => {
  const damaged = '$argon2id$v=19$m=1,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  const ends = await Promise.allSettled([damaged, damaged, damaged].map((hash) => passwords.verify(ctx(), 'open sesame', hash)));
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  const hash = await passwords.hash(ctx(), 'open sesame');
  expect(await passwords.verify(ctx(), 'open sesame', hash)).toBe(true);
});

test('without a hash, or with a damaged one, nothing fits', async () => {
  expect(await passwords.verify(ctx(), 'open sesame', undefined)).toBe(false);
  expect(await passwords.verify(ctx(), 'open sesame', 'open sesame')).toBe(false);
});

test('it takes as long to find out that there is no hash', async () => {
  const hash = await passwords.hash(ctx(), 'open sesame');
  const [known, unknown] = [await fastest(hash), await fastest(undefined)];
  expect(unknown / known).toBeGreaterThan(0.5);
  expect(unknown / known).toBeLessThan(2);
});

test('a hash of other costs is outdated', async () => {
  const hash = await passwords.hash(ctx(), 'open sesame');
  expect(passwords.outdated(hash)).toBe(false);
  expect(passwords.outdated(hash.replace('t=2', 't=1'))).toBe(true);
});

test('a crowd is served in turn, whoever is too many is sent away, whoever gave up costs nothing', async () => {
  const impatient = testContext({ timeoutMs: 1 });
  const crowd = Array.from({ length: 132 }, (_, i) => passwords.hash(i < 2 || i === 131 ? ctx() : impatient, 'open sesame'));
  const reasons = (await Promise.allSettled(crowd)).map((end) => (end.status === 'fulfilled' ? 'ok' : end.reason.reason));
  expect(reasons.slice(0, 2)).toEqual(['ok', 'ok']);
  expect(new Set(reasons.slice(2, 130))).toEqual(new Set(['DEADLINE_EXCEEDED']));
  expect(reasons.slice(130)).toEqual(['OVERLOADED', 'OVERLOADED']);
  expect(await passwords.hash(ctx(), 'open sesame')).toMatch(/^\$argon2id/);
});

/** Niceness of every thread of this process: the 19th field of its stat, counted behind the name, which may hold anything. */
const niceOfThreads = (): number[] =>
  readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });

/** The least of several times is what the work costs; the rest is what else the machine did. */
const fastest = async (hash: string | undefined): Promise<number> => {
  const times = [];
  for (let i = 0; i < 8; i++) {
    const start = performance.now();
    await passwords.verify(ctx(), 'open sesame', hash);
    times.push(performance.now() - start);
  }
  return Math.min(...times);
};
