import fc from 'fast-check';
import { expect, test } from 'vitest';

import { COUNTED_A_DAY, isHeavy, rateMatters, THRESHOLDS, turnOf, type Load, type Mode } from './mode.ts';

const load = (followers: number, postsPerDay = 0, active = followers): Load => ({ followers, postsPerDay, active });
const turn = (mode: Mode, of: Load, isDone = false, minutes = 0) =>
  turnOf({ mode, decidedAt: 0 }, of, isDone, minutes * 60_000, THRESHOLDS);

test('ten thousand followers, or fifty thousand rows a day, turn a person to be pulled', () => {
  expect(turnOf(undefined, load(9_999), false, 0, THRESHOLDS)).toBe(undefined);
  expect(turnOf(undefined, load(10_000), false, 0, THRESHOLDS)).toBe('MARK');
  expect(turn('PUSH', load(9_000, 10, 4_999))).toBe(undefined);
  expect(turn('PUSH', load(9_000, 10, 5_000))).toBe('MARK');
});

test('nothing is held back before every feed is marked, and marking that takes long begins anew', () => {
  expect(turn('MARKING', load(10_000), false, 9.9)).toBe(undefined);
  expect(turn('MARKING', load(10_000), false, 10)).toBe('MARK');
  expect(turn('MARKING', load(10_000), true, 1)).toBe('PULL');
});

test('only well below the threshold is a person pushed again', () => {
  expect(turn('PULL', load(8_000))).toBe(undefined);
  expect(turn('PULL', load(7_999))).toBe('PUSH');
  expect(turn('PULL', load(5_000, 10, 4_000))).toBe(undefined);
  expect(turn('PULL', load(5_000, 10, 3_999))).toBe('PUSH');
  expect(turn('MARKING', load(7_999), true)).toBe('PUSH');
});

test('a turn to be pushed that not every feed has followed begins anew after ten minutes', () => {
  expect(turn('PUSH', load(7_999), false, 9.9)).toBe(undefined);
  expect(turn('PUSH', load(7_999), false, 10)).toBe('PUSH');
  expect(turn('PUSH', load(7_999), true, 10)).toBe(undefined);
});

test('who turned does not turn back by the same numbers', () => {
  const loads = fc.record({ followers: fc.nat(20_000), postsPerDay: fc.nat(COUNTED_A_DAY), active: fc.nat(20_000) });
  fc.assert(
    fc.property(loads, (of) => {
      const there = turn('PUSH', of) === 'MARK';
      expect(there && (turn('MARKING', of, true) !== 'PULL' || turn('PULL', of) !== undefined)).toBe(false);
      expect(there && turn('PULL', of) === 'PUSH').toBe(false);
    }),
  );
});

test('where entries a day are not counted, they could decide nothing', () => {
  fc.assert(
    fc.property(
      fc.nat(20_000),
      fc.nat(COUNTED_A_DAY),
      fc.constantFrom<Mode>('PUSH', 'MARKING', 'PULL'),
      (followers, rate, mode) => {
        fc.pre(!rateMatters(followers, THRESHOLDS));
        expect(isHeavy(mode, load(followers, rate), THRESHOLDS)).toBe(isHeavy(mode, load(followers), THRESHOLDS));
      },
    ),
  );
});
