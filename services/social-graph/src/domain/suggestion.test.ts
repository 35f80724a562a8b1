import { expect, test } from 'vitest';

import { candidatesOf, chooseFriends, suggestionsOf } from './suggestion.ts';

const DAY = 86_400_000;
const now = 1_000 * DAY;
const listed = (userId: string, daysAgo = 0) => ({ userId, at: now - daysAgo * DAY });
const all = { suggest: () => true, name: () => true };

test('friends are the 25 latest and 25 of the rest, the same all day and others the next', () => {
  const newest = Array.from({ length: 500 }, (_, i) => listed(`u${i}`, i));
  const friends = chooseFriends(newest, 'a', 7);
  expect(friends.slice(0, 25)).toEqual(newest.slice(0, 25));
  expect(new Set(friends.map(({ userId }) => userId)).size).toBe(50);
  expect(chooseFriends(newest, 'a', 7)).toEqual(friends);
  expect(chooseFriends(newest, 'a', 8)).not.toEqual(friends);
  expect(chooseFriends(newest, 'b', 7)).not.toEqual(friends);
  // Old friends are drawn as well as young ones.
  expect(Math.max(...friends.map(({ userId }) => Number(userId.slice(1))))).toBeGreaterThan(300);
  expect(chooseFriends(newest.slice(0, 30), 'a', 7)).toHaveLength(30);
});

test('many friends come before few, and lately before long ago', () => {
  const follows = new Map([
    ['f', [listed('late', 0), listed('many', 400), listed('friend')]],
    ['g', [listed('early', 300), listed('many', 400)]],
    ['h', [listed('many', 400)]],
  ]);
  const found = candidatesOf(follows, new Set(['friend']), now, 10);
  expect(found.map(({ userId }) => userId)).toEqual(['many', 'late', 'early']);
  expect(candidatesOf(follows, new Set(), now, 1).map(({ userId }) => userId)).toEqual(['many']);
});

test('the latest three are named, all are counted, and who may not be named does not count', () => {
  const by = [5, 1, 3, 2, 4].map((days) => ({ friendId: `f${days}`, at: now - days * DAY }));
  const candidates = [
    { userId: 'x', by },
    { userId: 'y', by: by.slice(0, 1) },
  ];
  expect(suggestionsOf(candidates, now, all)).toEqual([
    { userId: 'x', followedBy: ['f1', 'f2', 'f3'], followedByCount: 5 },
    { userId: 'y', followedBy: ['f5'], followedByCount: 1 },
  ]);
  const without = suggestionsOf(candidates, now, { ...all, name: (id) => !['f1', 'f5'].includes(id) });
  expect(without).toEqual([{ userId: 'x', followedBy: ['f2', 'f3', 'f4'], followedByCount: 3 }]);
  expect(suggestionsOf(candidates, now, { ...all, suggest: (id) => id === 'y' })).toMatchObject([{ userId: 'y' }]);
});
