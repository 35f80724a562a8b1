import { newId } from '@plaza/core';
import { expect, test } from 'vitest';

import { editOf, MAX_EDITS, MAX_TURNS } from '../../domain/posts/edit.ts';
import { newPost, type Content, type Post } from '../../domain/posts/post.ts';
import { burialOf, burials } from './burial.ts';
import { placeMoves } from './place-rows.ts';

/** What one transaction of DynamoDB takes. */
const MAX_ROWS = 100;

const AT = Date.now();
const wish = (n: number): Content => ({
  text: Array.from({ length: 25 }, (_, i) => `#tag${n}x${i}`).join(' '),
  media: [],
  productIds: Array.from({ length: 10 }, () => newId()),
  visibility: 'PUBLIC',
});

/** An answer that stands in as many lists as a post can, edited as often as may be. */
const fullest = (): Post => {
  const parent = newId();
  let post = newPost(newId(), { authorId: newId(), ...wish(0) }, { replyToPostId: parent, rootPostId: parent, depth: 1 });
  for (let n = 1; n <= MAX_EDITS; n++) post = editOf(post, ['text', 'product_ids'], wish(n), AT).after;
  for (let n = 1; n <= MAX_TURNS; n++) {
    const visibility = n % 2 === 0 ? 'PUBLIC' : 'FOLLOWERS';
    post = editOf(post, ['visibility'], { ...post, visibility }, AT).after;
  }
  return post;
};

test('the fullest post with the longest past is buried in one transaction, beside a request row', () => {
  const post = fullest();
  expect([post.version, post.hashtags.length, post.productIds.length]).toEqual([MAX_EDITS + MAX_TURNS + 1, 20, 10]);
  const { rows } = burialOf(post, AT, '');
  // Post, event, revisions, and the lists: author, thread, everybody, hashtags, products.
  expect(rows).toHaveLength(2 + MAX_EDITS + MAX_TURNS + 3 + 20 + 10);
  expect(rows.length + 1).toBeLessThanOrEqual(MAX_ROWS);
  expect(burials([post], AT, '').posts).toBe(1);
});

test('so is the edit that changes every list that a post stands in', () => {
  const post = fullest();
  const other = { ...post, ...wish(77), visibility: 'FOLLOWERS' as const };
  const { after } = editOf({ ...post, version: MAX_EDITS }, ['text', 'product_ids', 'visibility'], other, AT);
  // Beside them: post, revision, event and request.
  expect(placeMoves(post, after).length + 4).toBeLessThanOrEqual(MAX_ROWS);
  expect(placeMoves(post, after)).toHaveLength(2 * 20 + 2 * 10 + 2);
});

test('burials go together as long as rows and bytes allow, in order, and never none', () => {
  const small = Array.from({ length: 40 }, () => newPost(newId(), { ...wish(0), authorId: 'a', text: 'x', productIds: [] }));
  const { rows, posts } = burials(small, AT, '');
  // Post, event, author's list, everybody's list.
  expect([posts, rows.length]).toEqual([24, 96]);
  const old = small.map((post, i) => ({ ...post, version: i === 2 ? 99 : 1 }));
  expect(burials(old, AT, '').posts).toBe(2);
  expect(burials(old.slice(2), AT, '').posts).toBe(1);
});
