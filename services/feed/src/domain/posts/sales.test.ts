import { newId } from '@plaza/core';
import { expect, test } from 'vitest';

import { newPost, type PostVisibility, type Tombstone } from './post.ts';
import { attributionOf } from './sales.ts';

const [AUTHOR, BUYER, TEA, CUP, POT] = [newId(), newId(), newId(), newId(), newId()];
const SEEN = { hidden: false, muted: false, following: false };

const showing = (productIds: string[], visibility: PostVisibility = 'PUBLIC') =>
  newPost(newId(), { authorId: AUTHOR, text: 'look', media: [], productIds, visibility });
const bought = (...lines: [string, number][]) => lines.map(([productId, units]) => ({ productId, units }));

test('what the post shows was sold by it, each product once with all of its units, and nothing else of the order', () => {
  const lines = bought([TEA, 2], [POT, 9], [TEA, 3], [CUP, 1]);
  expect(attributionOf(showing([CUP, TEA]), BUYER, lines, SEEN)).toEqual({
    outcome: 'counted',
    sales: bought([CUP, 1], [TEA, 5]),
  });
});

test('a post that is not there, deleted, of the buyer, not showing anything of the order or not for the buyer sold nothing', () => {
  const post = showing([TEA]);
  const { postId, authorId, visibility } = post;
  const deleted: Tombstone = { postId, authorId, visibility, version: 2, deletedAt: 1 };
  const outcome = (...[of, buyer, lines, verdict]: Parameters<typeof attributionOf>) =>
    attributionOf(of, buyer, lines, verdict).outcome;
  const tea = bought([TEA, 1]);
  expect(outcome(undefined, BUYER, tea, undefined)).toBe('no_post');
  expect(outcome(deleted, BUYER, tea, SEEN)).toBe('deleted');
  expect(outcome(post, AUTHOR, tea, SEEN)).toBe('own');
  expect(outcome(post, BUYER, bought([CUP, 1]), SEEN)).toBe('not_shown');
  expect(outcome(post, BUYER, tea, undefined)).toBe('not_visible');
  expect(outcome(post, BUYER, tea, { ...SEEN, hidden: true })).toBe('not_visible');
  expect(outcome(showing([TEA], 'FOLLOWERS'), BUYER, tea, SEEN)).toBe('not_visible');
  expect(outcome(showing([TEA], 'PRIVATE'), BUYER, tea, { ...SEEN, following: true })).toBe('not_visible');
  expect(outcome(showing([TEA], 'FOLLOWERS'), BUYER, tea, { ...SEEN, following: true })).toBe('counted');
  expect(outcome(post, BUYER, tea, { ...SEEN, muted: true })).toBe('counted');
});
