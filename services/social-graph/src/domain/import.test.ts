import { expect, test } from 'vitest';

import { decide, inParts, nothing, receive, screen, type Row } from './import.ts';
import { PUBLIC, type Pair, type Step } from './tie.ts';

const pair = (followeeId: string, about: Partial<Pair> = {}, following = 0): Pair => ({
  one: { userId: 'a', version: undefined, following, standing: PUBLIC },
  other: { userId: followeeId, version: undefined, following: 0, standing: PUBLIC },
  ...about,
});
const since = { version: 1, at: 1 };
const follow = (to: string): Step => ({ kind: 'follow', from: 'a', to });
const fresh = (followeeId: string): Row => ({ followeeId, steps: [follow(followeeId)] });

test('doubles are one row; oneself, strangers and all rows of a stranger are refused as Follow refuses them', () => {
  const rows = screen({ followerId: 'a', followeeIds: ['b', 'a', 'c', 'b', 'x'] }, (id) => id !== 'x');
  expect(rows).toEqual([
    { followeeId: 'b', steps: [] },
    { followeeId: 'a', steps: [], refused: 'SELF_FOLLOW' },
    { followeeId: 'c', steps: [] },
    { followeeId: 'x', steps: [], refused: 'USER_NOT_FOUND' },
  ]);
  const none = screen({ followerId: 'x', followeeIds: ['b', 'x'] }, (id) => id !== 'x');
  expect(none.map(({ refused }) => refused)).toEqual(['USER_NOT_FOUND', 'SELF_FOLLOW']);
});

test('each row is decided as Follow would, and each new follow leaves less room', () => {
  const known: Record<string, Partial<Pair>> = {
    followed: { follows: since },
    private: {
      other: { userId: 'private', version: undefined, following: 0, standing: { isPrivate: true, gone: false } },
    },
    gone: {
      other: { userId: 'gone', version: undefined, following: 0, standing: { isPrivate: false, gone: true } },
    },
    blocked: { blocks: since },
    blocking: { blockedBy: since },
  };
  const ids = ['b', 'followed', 'private', 'gone', 'blocked', 'blocking', 'c', 'd'];
  const rows = decide(
    ids.map((followeeId) => ({ followeeId, steps: [] })),
    (id) => pair(id, known[id], 3),
    5,
  );
  expect(rows).toEqual([
    fresh('b'),
    { followeeId: 'followed', steps: [] },
    { followeeId: 'private', steps: [{ kind: 'request', from: 'a', to: 'private' }] },
    { followeeId: 'gone', steps: [], refused: 'USER_NOT_FOUND' },
    { followeeId: 'blocked', steps: [], refused: 'USER_BLOCKED' },
    { followeeId: 'blocking', steps: [], refused: 'USER_NOT_FOUND' },
    fresh('c'),
    { followeeId: 'd', steps: [], refused: 'FOLLOW_LIMIT' },
  ]);
});

test('a part holds 32 changes, in order, whatever lies between them', () => {
  const rows = Array.from({ length: 70 }, (_, i) => (i % 7 === 0 ? { followeeId: `u${i}`, steps: [] } : fresh(`f${i}`)));
  const parts = inParts(rows);
  expect(parts.flat()).toEqual(rows);
  expect(parts.map((part) => part.filter(({ steps }) => steps.length > 0).length)).toEqual([32, 28]);
  expect(inParts([])).toEqual([]);
});

test('a receipt adds up what messages came to, and names the first thousand refusals', () => {
  const rows: Row[] = [fresh('b'), { followeeId: 'c', steps: [] }, { followeeId: 'd', steps: [], refused: 'USER_BLOCKED' }];
  const first = receive(nothing(4), { index: 4, followerId: 'a', followeeIds: [] }, rows);
  expect(first).toEqual({
    messages: 5,
    created: 1,
    requested: 0,
    unchanged: 1,
    refused: 1,
    refusals: [{ index: 4, followerId: 'a', followeeId: 'd', reason: 'USER_BLOCKED' }],
  });
  const many = Array.from({ length: 1_500 }, (_, i): Row => ({ followeeId: `u${i}`, steps: [], refused: 'SELF_FOLLOW' }));
  const second = receive(first, { index: 5, followerId: 'a', followeeIds: [] }, many);
  expect([second.refused, second.refusals.length, second.refusals.at(-1)?.followeeId]).toEqual([1_501, 1_000, 'u998']);
});
