import { expect, test } from 'vitest';

import { eachInFlight } from './in-flight.ts';

/** Counts how many items were taken. */
const source = (length: number) => {
  const seen = { taken: 0 };
  const items = async function* () {
    for (let i = 0; i < length; i++) {
      seen.taken++;
      yield i;
    }
  };
  return { seen, items: items() };
};

test('works on so many at a time, and takes no more than it works on', async () => {
  const { seen, items } = source(50);
  let running = 0;
  let most = 0;
  let done = 0;
  await eachInFlight(items, 4, async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.taken - done).toBeLessThanOrEqual(4);
    running--;
    done++;
  });
  expect([most, done]).toEqual([4, 50]);
});

test('after a failure what is in flight ends, nothing more is taken, and the failure is thrown', async () => {
  const { seen, items } = source(50);
  let finished = 0;
  const work = async (item: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (item === 5) throw new Error('broken');
    finished++;
  };
  await expect(eachInFlight(items, 4, work)).rejects.toThrow('broken');
  expect(seen.taken).toBeLessThanOrEqual(10);
  expect(finished).toBe(seen.taken - 1);
});

test('a failure is thrown while the source is silent, which is closed when it hears of it', async () => {
  const { promise: silence, resolve: speak } = Promise.withResolvers<void>();
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const taken: string[] = [];
  const items = async function* () {
    try {
      yield 'first';
      await silence;
      yield 'second';
      yield 'third';
    } finally {
      close();
    }
  };
  const work = async (item: string) => {
    taken.push(item);
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error('broken');
  };
  await expect(eachInFlight(items(), 4, work)).rejects.toThrow('broken');
  speak();
  await closed;
  expect(taken).toEqual(['first']);
});

test('a source that fails is heard of when what is in flight has ended', async () => {
  let finished = 0;
  const items = async function* () {
    yield 1;
    throw new Error('torn');
  };
  const work = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    finished++;
  };
  await expect(eachInFlight(items(), 4, work)).rejects.toThrow('torn');
  expect(finished).toBe(1);
});
