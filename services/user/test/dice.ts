import type { Fault, Faults } from '@plaza/dynamo';
import fc from 'fast-check';
import { expect } from 'vitest';

/** A hundred-sided die that decides all that is random in one schedule; the seed of a failure replays its rolls. */
export const dice = fc.infiniteStream(fc.nat(99));

/** What befalls a command for each number; nothing from 32 on. */
const FAULTS: readonly [below: number, fault: Fault][] = [
  [10, 'conflict'],
  [25, 'lost-reply'],
  [30, 'unreachable'],
  [32, 'throttle'],
];

/** Every command of the store waits a few turns of the loop, so that commands of racing clients interleave in drawn ways. */
export const rolledFaults = (roll: () => number) => {
  let faulty = false;
  const faults: Faults = async () => {
    if (!faulty) return undefined;
    for (let turns = roll() % 8; turns > 0; turns--) await Promise.resolve();
    const number = roll();
    return FAULTS.find(([below]) => number < below)?.[1];
  };
  const set = (to: boolean) => () => void (faulty = to);
  return { faults, storm: set(true), calm: set(false) };
};

const LANES = 20;

/** Overrides how many schedules a run follows: SIMULATION_RUNS=20000 for a long one. */
const RUNS = Number(process.env['SIMULATION_RUNS']) || undefined;

/** Follows each drawn schedule. They mostly wait for the backoff of the store, so many run side by side; a failure names its seed. */
export const followAll = async <S>(
  count: number,
  schedules: fc.Arbitrary<S>,
  run: (schedule: S) => Promise<void>,
): Promise<void> => {
  const runsPerLane = Math.ceil((RUNS ?? count) / LANES);
  let runs = 0;
  const property = fc.asyncProperty(schedules, async (schedule) => {
    await run(schedule);
    runs++;
  });
  await Promise.all(Array.from({ length: LANES }, () => fc.assert(property, { numRuns: runsPerLane })));
  expect(runs).toBe(runsPerLane * LANES);
};
