import process from 'node:process';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { crashPointsInCode } from '../src/crash-points.ts';
import { nameOf, ORDER_POINTS, orderCells } from '../src/faults/cells.ts';
import { startFaults, type Faults } from '../src/faults/run.ts';

// A sample of what `npm run faults -- order` runs in whole: one cell for each way to come to grief. FAULTS_SEED chooses others.
const SEED = Number(process.env['FAULTS_SEED'] ?? 5);

let faults: Faults;
beforeAll(async () => {
  faults = await startFaults();
});
afterAll(() => faults?.close());

const sample = ['exit', 'pause', 'lose', 'down', 'blackhole', 'wipe'].map((way) => {
  const cells = orderCells().filter((cell) => (cell.kind === 'crash' ? cell.how : cell.trouble) === way);
  return cells[SEED % cells.length]!;
});

test('no crash point of the order service is missing in the matrix, but that of the eraser', () => {
  expect([...ORDER_POINTS, 'order.after-erase'].sort()).toEqual(crashPointsInCode(/^order\./));
});

test.each(sample.map((cell) => [nameOf(cell), cell] as const))('%s', { timeout: 180_000 }, async (_name, cell) => {
  const { states, violations } = await faults.run(cell);
  expect(violations).toEqual([]);
  expect(states).toMatchObject({ PAID: expect.any(Number) as number, FAILED: expect.any(Number) as number });
});
