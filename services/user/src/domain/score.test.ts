import { expect, test } from 'vitest';

import { scored, type Score } from './score.ts';

const event = (delta: number) => ({ eventId: 'e', userId: 'ada', delta });
const before = (score: number): Score => ({ userId: 'ada', score, reachedId: 'a', version: 3 });

test('a first event begins at zero, the next one adds to it', () => {
  expect(scored(undefined, event(-5), 'b')).toEqual({ userId: 'ada', score: -5, reachedId: 'b', version: 1 });
  expect(scored(before(12), event(-5), 'b')).toEqual({ userId: 'ada', score: 7, reachedId: 'b', version: 4 });
});

test('a score stays within what can be counted exactly', () => {
  const most = Number.MAX_SAFE_INTEGER;
  expect(scored(before(most - 1), event(1), 'b').score).toBe(most);
  expect(scored(before(1 - most), event(-1), 'b').score).toBe(-most);
  for (const [score, delta] of [
    [most, 1],
    [-most, -1],
    [most, 1_000_000_000_000],
    [most - 1, 2],
  ] as const)
    expect(() => scored(before(score), event(delta), 'b')).toThrow(expect.objectContaining({ reason: 'SCORE_OUT_OF_RANGE' }));
});
