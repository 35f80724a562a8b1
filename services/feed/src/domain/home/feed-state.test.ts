import { firstIdAt } from '@plaza/core';
import { expect, test } from 'vitest';

import { FEED_WINDOW_MS, windowStart } from './fan-out.ts';
import { floorAt, isAwake, takesRows, type FeedState } from './feed-state.ts';

const DAY = 24 * 3_600_000;
const NOW = 1_800_000_000_000;
const state = (over: Partial<FeedState>): FeedState => ({
  epoch: 1,
  state: 'READY',
  since: NOW,
  floor: '',
  oldest: firstIdAt(NOW),
  readAt: NOW,
  seen: '',
  ...over,
});

test('nothing is missing from a feed that holds all, until one of its rows may have expired', () => {
  const young = state({ oldest: firstIdAt(NOW - FEED_WINDOW_MS + 9 * DAY) });
  expect(floorAt(young, NOW)).toBe('');
  // What came a week late may be a week older than the oldest that was brought.
  expect(floorAt(young, NOW + 2 * DAY)).toBe(windowStart(NOW + 2 * DAY));
});

test('a floor stands until the window has passed it', () => {
  const floor = firstIdAt(NOW - 5 * DAY);
  expect(floorAt(state({ floor }), NOW)).toBe(floor);
  expect(floorAt(state({ floor }), NOW + FEED_WINDOW_MS)).toBe(windowStart(NOW + FEED_WINDOW_MS));
});

test('a feed gets rows for longer than its reader believes them, whatever the clocks', () => {
  for (const days of [13.99, 14, 14.03, 15]) {
    const at = NOW + days * DAY;
    expect(takesRows(state({}), at + 3_000_000) || !isAwake(state({}), at), `after ${days} days`).toBe(true);
  }
  expect([isAwake(undefined, NOW), takesRows(undefined, NOW)]).toEqual([false, false]);
  expect(isAwake(state({}), NOW + 14 * DAY)).toBe(false);
});
