import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Post, Tombstone } from './posts/post.ts';
import { authorsToCheck, belongsInFeed, maySee, maySeePerson, type Verdict } from './visible.ts';

const post = (visibility: Post['visibility'], authorId = 'author'): Post => ({
  postId: 'p',
  authorId,
  visibility,
  text: 'text',
  media: [],
  rootPostId: 'p',
  depth: 0,
  productIds: [],
  hashtags: [],
  mentions: [],
  version: 1,
  createdAt: 0,
});
const tombstone: Tombstone = { postId: 'p', authorId: 'author', visibility: 'PUBLIC', version: 2, deletedAt: 1 };
const stranger: Verdict = { hidden: false, muted: false, following: false };
const follower: Verdict = { hidden: false, muted: false, following: true };
const hidden: Verdict = { hidden: true, muted: false, following: true };

test.each([
  ['PUBLIC', stranger, true],
  ['PUBLIC', follower, true],
  ['PUBLIC', hidden, false],
  ['PUBLIC', undefined, false],
  ['FOLLOWERS', stranger, false],
  ['FOLLOWERS', follower, true],
  ['FOLLOWERS', hidden, false],
  ['PRIVATE', follower, false],
  ['PRIVATE', undefined, false],
] as const)('a %s post, verdict %o: visible to another viewer is %s', (visibility, verdict, visible) => {
  expect(maySee(post(visibility), 'viewer', verdict)).toBe(visible);
});

test('an author sees all of their own posts without a verdict, and none once hidden: gone', () => {
  for (const visibility of ['PUBLIC', 'FOLLOWERS', 'PRIVATE'] as const) {
    expect(maySee(post(visibility), 'author', undefined)).toBe(true);
    expect(maySee(post(visibility), 'author', stranger)).toBe(true);
    expect(maySee(post(visibility), 'author', hidden)).toBe(false);
  }
});

test('nobody sees a deleted post, not even its author', () => {
  expect(maySee(tombstone, 'author', follower)).toBe(false);
  expect(maySee(undefined, 'author', follower)).toBe(false);
});

test('nobody signed in is not the author of anything', () => {
  expect(maySee(post('PRIVATE', 'author'), '', follower)).toBe(false);
});

const anyPost = fc.record({
  visibility: fc.constantFrom('PUBLIC' as const, 'FOLLOWERS' as const, 'PRIVATE' as const),
  author: fc.constantFrom('a', 'b', 'viewer'),
  deleted: fc.boolean(),
});
const anyVerdict = fc.option(fc.record({ hidden: fc.boolean(), muted: fc.boolean(), following: fc.boolean() }), {
  nil: undefined,
});

test('a feed shows a subset of what may be seen: of authors followed now and not muted, and of the viewer', () => {
  fc.assert(
    fc.property(anyPost, anyVerdict, ({ visibility, author, deleted }, verdict) => {
      const row = deleted ? { ...tombstone, authorId: author } : post(visibility, author);
      const wanted = maySee(row, 'viewer', verdict) && (author === 'viewer' || (verdict?.following === true && !verdict.muted));
      expect(belongsInFeed(row, 'viewer', verdict)).toBe(wanted);
    }),
  );
});

test('of somebody hidden nothing shows, of oneself all; without a word from the graph nobody else does', () => {
  const verdict = { hidden: false, muted: true, following: false };
  expect(maySeePerson('a', 'viewer', verdict)).toBe(true);
  expect(maySeePerson('a', 'viewer', { ...verdict, hidden: true })).toBe(false);
  expect(maySeePerson('a', 'viewer', undefined)).toBe(false);
  expect(maySeePerson('a', '', undefined)).toBe(false);
  expect(maySeePerson('viewer', 'viewer', undefined)).toBe(true);
});

test('the graph is asked once about each living post of somebody else', () => {
  expect(
    authorsToCheck([post('PUBLIC', 'a'), undefined, tombstone, post('PRIVATE', 'a'), post('PUBLIC', 'viewer')], 'viewer'),
  ).toEqual(['a']);
});
