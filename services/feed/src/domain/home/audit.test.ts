import { newId } from '@plaza/core';
import { expect, test } from 'vitest';

import type { Post, PostVisibility } from '../posts/post.ts';
import { claimOf, compare, stillSo, type Claim, type Stand } from './audit.ts';
import { entryOf, repostKey, storyKey } from './entry.ts';
import type { Story } from './story.ts';

const [VIEWER, AUTHOR, SOURCE] = [newId(), newId(), newId()];
const FRIEND: Stand = { hidden: false, muted: false, following: true, repostsMuted: false };
const STRANGER: Stand = { ...FRIEND, following: false };
const post = (visibility: PostVisibility, authorId = AUTHOR) => ({ postId: newId(), authorId, visibility }) as Post;

const claim = (of: Post | undefined, author: Stand, source?: Stand): Claim => {
  const postId = of?.postId ?? newId();
  const entry = entryOf(source ? repostKey(newId(), SOURCE, postId) : postId);
  return claimOf({ entry, post: of, story: undefined }, VIEWER, (userId) => (userId === SOURCE ? source! : author));
};

test('what a post may claim hangs on its visibility and on how the viewer stands to its author', () => {
  expect(claim(undefined, FRIEND)).toBe('FORBIDDEN');
  expect([claim(post('PUBLIC'), FRIEND), claim(post('FOLLOWERS'), FRIEND), claim(post('PRIVATE'), FRIEND)]).toEqual([
    'DUE',
    'DUE',
    'FORBIDDEN',
  ]);
  expect([claim(post('PUBLIC'), STRANGER), claim(post('FOLLOWERS'), STRANGER)]).toEqual(['ALLOWED', 'FORBIDDEN']);
  expect(claim(post('PUBLIC'), { ...FRIEND, hidden: true })).toBe('FORBIDDEN');
  expect(claim(post('PUBLIC'), { ...FRIEND, muted: true })).toBe('ALLOWED');
  expect(claim(post('PRIVATE', VIEWER), STRANGER)).toBe('DUE');
  expect(claim(post('PUBLIC', VIEWER), { ...STRANGER, hidden: true })).toBe('FORBIDDEN');
});

test('a post passed on needs both: a source that is heard, and a post that anybody may see', () => {
  expect(claim(post('PUBLIC'), STRANGER, FRIEND)).toBe('DUE');
  expect(claim(post('PUBLIC'), STRANGER, STRANGER)).toBe('ALLOWED');
  expect(claim(post('PUBLIC'), STRANGER, { ...FRIEND, repostsMuted: true })).toBe('ALLOWED');
  expect(claim(post('PUBLIC'), { ...STRANGER, muted: true }, FRIEND)).toBe('ALLOWED');
  expect(claim(post('PUBLIC'), { ...STRANGER, hidden: true }, FRIEND)).toBe('FORBIDDEN');
  expect(claim(post('PUBLIC'), STRANGER, { ...FRIEND, hidden: true })).toBe('FORBIDDEN');
  expect(claim(post('FOLLOWERS'), FRIEND, FRIEND)).toBe('ALLOWED');
});

test('purchases are for followers, news for followers of the seller and for who keeps the product in view', () => {
  const product = newId();
  const story = (of: Story | undefined, stand: Stand) => {
    const entry = entryOf(storyKey(newId(), of?.sourceId ?? SOURCE));
    return claimOf({ entry, post: undefined, story: of }, VIEWER, () => stand);
  };
  const bought: Story = { kind: 'PURCHASE', sourceId: SOURCE, orderId: newId(), productIds: [product] };
  const sold: Story = { kind: 'NEWS', sourceId: SOURCE, sellerId: SOURCE, productId: product, news: 'LISTED' };
  const kept: Story = { ...sold, sourceId: product };
  const muted = { ...FRIEND, muted: true };
  const hidden = { ...FRIEND, hidden: true };
  expect([FRIEND, STRANGER, muted, hidden].map((stand) => story(bought, stand))).toEqual([
    'DUE',
    'FORBIDDEN',
    'ALLOWED',
    'FORBIDDEN',
  ]);
  expect([FRIEND, STRANGER, muted, hidden].map((stand) => story(sold, stand))).toEqual([
    'DUE',
    'ALLOWED',
    'ALLOWED',
    'FORBIDDEN',
  ]);
  expect([FRIEND, STRANGER, muted, hidden].map((stand) => story(kept, stand))).toEqual(['DUE', 'DUE', 'DUE', 'FORBIDDEN']);
  expect(story(undefined, FRIEND)).toBe('FORBIDDEN');
});

test('compared is down to the floor alone; what was found once is no finding', () => {
  const claims = new Map<string, Claim>([
    ['5', 'DUE'],
    ['4', 'DUE'],
    ['3', 'ALLOWED'],
    ['2', 'FORBIDDEN'],
    ['1', 'DUE'],
  ]);
  const found = compare({ shown: ['4', '3', '2'], told: ['5', '3', '1'], floor: '2', claims });
  expect(found).toEqual({ items: 4, missing: ['5'], extra: ['4', '3'], leaked: ['2'] });
  expect(stillSo(found, { ...found, missing: ['6'], extra: ['3'] })).toEqual({
    items: 4,
    missing: [],
    extra: ['3'],
    leaked: ['2'],
  });
});
