import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createLanes, type Rank } from './lanes.ts';

interface Call {
  readonly ids: readonly string[];
  readonly rank: Rank;
  readonly turns: number;
  readonly fails: boolean;
}

const call: fc.Arbitrary<Call> = fc.record({
  ids: fc.constantFrom(['A'], ['B'], ['C'], ['A', 'B'], ['C', 'A', 'B']),
  rank: fc.constantFrom<Rank>('take', 'settle', 'correct'),
  turns: fc.nat(3),
  fails: fc.boolean(),
});

test('work on one product is done one at a time, in the order it came; work on others goes on', async () => {
  const lanes = createLanes();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = lanes.run(['A'], 'take', () => gate.promise.then(() => void done.push('first on A')));
  const second = lanes.run(['A'], 'take', async () => void done.push('second on A'));
  const third = lanes.run(['A'], 'correct', async () => void done.push('third on A'));
  await lanes.run(['C'], 'take', async () => void done.push('C'));
  expect(done).toEqual(['C']);
  gate.resolve();
  await Promise.all([first, second, third]);
  expect(done).toEqual(['C', 'first on A', 'second on A', 'third on A']);
});

test('a basket waits in the longest line only, and holds nobody up in the others', async () => {
  const lanes = createLanes();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const hot = ['first', 'second'].map(() => lanes.run(['HOT'], 'take', () => gate.promise));
  const basket = lanes.run(['A', 'HOT', 'B'], 'take', async () => void done.push('basket'));
  await lanes.run(['A'], 'take', async () => void done.push('A'));
  await lanes.run(['B'], 'take', async () => void done.push('B'));
  expect(done).toEqual(['A', 'B']);
  gate.resolve();
  await Promise.all([...hot, basket]);
  expect(done).toEqual(['A', 'B', 'basket']);
});

test('a failure lets the next one in, and leaves no line behind', async () => {
  const lanes = createLanes();
  const failing = lanes.run(['A', 'B'], 'take', () => Promise.reject(new Error('broken')));
  const crossing = lanes.run(['B', 'A'], 'take', () => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('broken');
  expect(await crossing).toBe('done');
  await Promise.all(Array.from({ length: 65 }, () => lanes.run(['A'], 'take', async () => undefined)));
});

test('64 wait for a product; the next is told when to come back, other products are open, and who settles gets in', async () => {
  const lanes = createLanes();
  const gate = Promise.withResolvers<void>();
  const enter = (id: string, rank: 'take' | 'settle' = 'take') => lanes.run([id], rank, () => gate.promise);
  const inLine = Array.from({ length: 65 }, () => enter('A'));
  const refused = await enter('A').catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
    reason: 'PRODUCT_BUSY',
    details: { metadata: { product_id: 'A' } },
  });
  expect(refused).toHaveProperty('details.retryAfterMs', expect.any(Number));
  expect(() => lanes.assertRoom(['B', 'A'], 'take')).toThrow('too many orders');
  inLine.push(enter('A', 'settle'), enter('B'));
  gate.resolve();
  await Promise.all(inLine);
  await enter('A');
});

test('who settles comes before all who hope for a unit, however many wait', async () => {
  const lanes = createLanes();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const working = lanes.run(['A'], 'take', () => gate.promise);
  const takers = Array.from({ length: 64 }, (_, i) => lanes.run(['A'], 'take', async () => void done.push(`taker ${i}`)));
  const settlers = [0, 1].map((i) => lanes.run(['A'], 'settle', async () => void done.push(`settler ${i}`)));
  gate.resolve();
  await Promise.all([working, ...takers, ...settlers]);
  expect(done.slice(0, 3)).toEqual(['settler 0', 'settler 1', 'taker 0']);
  expect(done).toHaveLength(66);
});

test('a flood of corrections of one product leaves room for everybody else', async () => {
  const lanes = createLanes();
  const gate = Promise.withResolvers<void>();
  const enter = (id: string, rank: Rank) => lanes.run([id], rank, () => gate.promise);
  const flood = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const entered = enter('A', 'correct').then(
        () => 'done',
        () => 'refused',
      );
      return Promise.race([entered, new Promise((resolve) => setImmediate(resolve, 'in line'))]);
    }),
  );
  expect(flood.filter((outcome) => outcome === 'in line')).toHaveLength(8);
  const others = [enter('A', 'settle'), enter('A', 'take'), enter('B', 'take'), enter('B', 'take'), enter('B', 'settle')];
  gate.resolve();
  await Promise.all(others);
});

test('only one works on a product at a time, whoever comes, waits, gives up or fails', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
      const lanes = createLanes({ waitMs: 3 });
      const working = new Map<string, number>();
      let most = 0;
      const one = ({ ids, rank, turns, fails }: Call) =>
        lanes.run(ids, rank, async () => {
          // Of a basket it is not known which lines it holds: the one that it waited in, or all if nobody was there.
          const id = ids.join();
          working.set(id, (working.get(id) ?? 0) + 1);
          if (ids.length === 1) most = Math.max(most, working.get(id)!);
          for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
          working.set(id, working.get(id)! - 1);
          if (fails) throw new Error('broken');
        });
      const outcomes = await Promise.allSettled(calls.map(one));
      for (const outcome of outcomes)
        expect(outcome.status === 'fulfilled' || /broken|too many/.test(String(outcome.reason))).toBe(true);
      expect(most).toBeLessThanOrEqual(1);
      // No line was left behind: the next one does not wait.
      let began = false;
      void lanes.run(['A', 'B', 'C'], 'take', async () => void (began = true));
      expect(began).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('all lines together leave room in the server', async () => {
  const lanes = createLanes();
  const gate = Promise.withResolvers<void>();
  const inLine: Promise<void>[] = [];
  const fill = async (rank: 'take' | 'settle'): Promise<number> => {
    for (let waiting = 0; ; waiting++) {
      // 50 to a product, so that no single line is full.
      const id = `P${Math.trunc(waiting / 50)}`;
      const entered = lanes.run([id], rank, () => gate.promise);
      const busy = await Promise.race([entered.catch(() => 'busy'), Promise.resolve('waits')]);
      const seen = await Promise.race([
        entered.then(() => 'done').catch(() => 'busy'),
        new Promise((resolve) => setImmediate(resolve, busy)),
      ]);
      if (seen === 'busy') return inLine.length;
      inLine.push(entered);
    }
  };
  // One in each line works.
  expect(await fill('take')).toBe(96 + 2);
  expect(await fill('settle')).toBe(112 + 2);
  gate.resolve();
  await Promise.all(inLine);
});

test('whoever has waited too long is told to come back; those behind still have their turn, after those ahead', async () => {
  const lanes = createLanes({ waitMs: 5 });
  const gate = Promise.withResolvers<void>();
  const done: string[] = [];
  const first = lanes.run(['A'], 'take', () => gate.promise.then(() => void done.push('first')));
  await expect(lanes.run(['A'], 'take', async () => void done.push('never'))).rejects.toMatchObject({ reason: 'PRODUCT_BUSY' });
  const behind = lanes.run(['A'], 'settle', async () => void done.push('behind'));
  gate.resolve();
  await Promise.all([first, behind]);
  expect(done).toEqual(['first', 'behind']);
});

test('who passes the turn on while there is work left stays in line, as far as room is concerned', async () => {
  const lanes = createLanes();
  const gate = Promise.withResolvers<void>();
  const passing = Array.from({ length: 65 }, () =>
    lanes.run(['A'], 'take', async (pass) => {
      pass();
      await gate.promise;
    }),
  );
  await expect(lanes.run(['A'], 'take', async () => undefined)).rejects.toMatchObject({ reason: 'PRODUCT_BUSY' });
  gate.resolve();
  await Promise.all(passing);
  await lanes.run(['A'], 'take', async () => undefined);
});
