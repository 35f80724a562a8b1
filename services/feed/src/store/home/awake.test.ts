import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import type { FeedState } from '../../domain/home/feed-state.ts';
import { createAwake } from './awake.ts';

const DAY_MS = 24 * 3_600_000;

test('who sleeps is asked each time and gets the next entry after waking; who is awake is asked once in a while; who read today is first', async () => {
  let at = 100 * DAY_MS;
  const readAt = new Map([
    ['of last week', at - 7 * DAY_MS],
    ['of today', at],
  ]);
  const asked: string[] = [];
  const stateOf = (id: string): FeedState | undefined => {
    asked.push(id);
    const read = readAt.get(id);
    return read === undefined
      ? undefined
      : { epoch: 1, state: 'READY', since: read, floor: '', oldest: '', readAt: read, seen: '' };
  };
  const awake = createAwake({ states: { getMany: async (_ctx, ids) => ids.map(stateOf) }, now: () => at });
  const all = ['asleep', 'of last week', 'of today'];
  expect(await awake(testContext(), all)).toEqual(['of today', 'of last week']);
  asked.length = 0;
  readAt.set('asleep', at);
  expect(await awake(testContext(), all)).toEqual(['asleep', 'of today', 'of last week']);
  expect(asked).toEqual(['asleep']);
  asked.length = 0;
  at += 601_000;
  await awake(testContext(), all);
  expect(asked).toEqual(all);
});
