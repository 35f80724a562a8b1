import { expect, test } from 'vitest';

import { newEdges, planImport } from './import.ts';

const everybody = () => true;

test('doubles are merged, self-follows and strangers refused', () => {
  const plan = planImport({ followerId: 'a', followeeIds: ['b', 'a', 'c', 'b', 'x'] }, (id) => id !== 'x');
  expect(plan).toEqual({ followerId: 'a', followeeIds: ['b', 'c'], refused: 2 });
});

test('of an unknown follower everything is refused', () => {
  const plan = planImport({ followerId: 'x', followeeIds: ['b', 'c', 'c'] }, (id) => id !== 'x');
  expect(plan).toEqual({ followerId: 'x', followeeIds: [], refused: 2 });
});

test('only what is missing is written, as far as the limit leaves room', () => {
  const plan = planImport({ followerId: 'a', followeeIds: ['b', 'c', 'd', 'e'] }, everybody);
  const state = { followed: new Set(['c']), following: 3, limit: 5 };
  expect(newEdges(plan, state)).toEqual({
    edges: [
      { followerId: 'a', followeeId: 'b' },
      { followerId: 'a', followeeId: 'd' },
    ],
    unchanged: 1,
    refused: 1,
  });
  expect(newEdges(plan, { ...state, following: 9 }).edges).toEqual([]);
});
