import { isAppError, newId, type Caller } from '@plaza/core';
import { expect, test } from 'vitest';

import { editOf, MAX_EDITS, MAX_TURNS, pathsToChange, postToEdit } from './edit.ts';
import { newPost, type Media, type Post } from './post.ts';

const picture: Media = { url: 'https://pictures.example/tea', type: 'IMAGE', width: 10, height: 20, altText: 'tea' };
const post: Post = newPost(newId(1_700_000_000_000), {
  authorId: 'author',
  text: 'old #Tea by @Anna',
  media: [picture],
  productIds: ['a', 'b'],
  visibility: 'PUBLIC',
});
const AT = 1_700_000_100_000;

test('only what the mask names is changed, and tags are read again', () => {
  const wish = { text: 'new #Cups', media: [], productIds: ['c'], visibility: 'PRIVATE' } as const;
  const { after, changed } = editOf(post, ['text', 'visibility'], wish, AT);
  expect(changed).toEqual(['text', 'visibility']);
  const { media, productIds } = post;
  const said = { text: 'new #Cups', visibility: 'PRIVATE', hashtags: ['cups'], mentions: [], media, productIds };
  expect(after).toEqual({ ...post, ...said, version: 2, updatedAt: AT });
});

test('what stood before is no change, in whatever order its fields were stored; the order of products and media is one', () => {
  const { altText, height, width, type, url } = picture;
  const same = { ...post, media: [{ altText, height, width, type, url }] };
  const all = ['text', 'media', 'product_ids', 'visibility'] as const;
  expect(editOf(post, all, same, AT)).toEqual({ before: post, after: post, changed: [] });
  expect(editOf(post, all, { ...same, productIds: ['b', 'a'] }, AT).changed).toEqual(['product_ids']);
  for (const other of [{ altText: 'cup' }, { width: 11 }, { type: 'VIDEO' as const }])
    expect(editOf(post, all, { ...same, media: [{ ...picture, ...other }] }, AT).changed).toEqual(['media']);
});

test('a post never comes to say nothing, and blanks are nothing', () => {
  const wish = { ...post, text: ' \n ', media: [], productIds: [] };
  expect(() => editOf(post, ['text', 'media', 'product_ids'], wish, AT)).toThrow(
    expect.objectContaining({ reason: 'POST_EMPTY' }),
  );
  expect(editOf(post, ['text', 'media'], wish, AT).after).toMatchObject({ text: ' \n ', media: [], productIds: ['a', 'b'] });
});

test(`a post is edited ${MAX_EDITS} times; what changes nothing is no edit`, () => {
  const last = { ...post, version: MAX_EDITS };
  const { after } = editOf(last, ['text'], { ...post, text: 'the last' }, AT);
  expect(after.version).toBe(MAX_EDITS + 1);
  const refused = expect.objectContaining({ reason: 'EDIT_LIMIT', details: { metadata: { max: String(MAX_EDITS) } } });
  const hidden = editOf(after, ['visibility'], { ...after, visibility: 'PRIVATE' }, 9).after;
  expect(hidden.visibility).toBe('PRIVATE');
  const turned = { ...hidden, version: MAX_EDITS + MAX_TURNS + 1 };
  expect(() => editOf(turned, ['visibility'], { ...turned, visibility: 'PUBLIC' }, 9)).toThrow(
    expect.objectContaining({ reason: 'EDIT_LIMIT' }),
  );
  expect(() => editOf(after, ['text'], { ...post, text: 'one more' }, AT)).toThrow(refused);
  expect(editOf(after, ['text'], after, AT).changed).toEqual([]);
});

test('no version ends before it began, whatever the clock says', () => {
  const { after } = editOf({ ...post, version: 2, updatedAt: AT }, ['text'], { ...post, text: 'x' }, AT - 5_000);
  expect(after.updatedAt).toBe(AT);
  expect(editOf(post, ['text'], { ...post, text: 'x' }, 0).after.updatedAt).toBe(post.createdAt);
});

const author: Caller = { kind: 'user', userId: 'author' };
const other: Caller = { kind: 'user', userId: 'other' };
const admin: Caller = { kind: 'admin' };
const isOpen = async ({ visibility }: Post) => visibility === 'PUBLIC';
const service: Caller = { kind: 'service', service: 'order', userId: 'author' };

test.each([
  ['the author', author, ['PUBLIC', 'FOLLOWERS', 'PRIVATE']],
  ['somebody else', other, []],
  ['an admin, who reads as anybody does', admin, ['PUBLIC']],
  ['a service', service, []],
  ['nobody', { kind: 'anonymous' } as const, []],
] as const)('%s may edit %o', async (_who, caller, may) => {
  const all = ['PUBLIC', 'FOLLOWERS', 'PRIVATE'] as const;
  const answers = await Promise.all(
    all.map((visibility) =>
      postToEdit({ ...post, visibility }, caller, '', isOpen).then(
        (found) => found.visibility,
        (error: unknown) => (isAppError(error) ? error.reason : error),
      ),
    ),
  );
  expect(answers).toEqual(
    all.map((visibility) => ((may as readonly string[]).includes(visibility) ? visibility : 'POST_NOT_FOUND')),
  );
});

test('an admin edits nothing that is not open to all, whatever the post itself says', async () => {
  const closed = postToEdit(post, admin, '', async () => false);
  await expect(closed).rejects.toMatchObject({ reason: 'POST_NOT_FOUND' });
});

test('an edit of what was read before is refused with the etag that stands; a deleted or missing post is none', async () => {
  const stale = expect.objectContaining({ reason: 'ETAG_MISMATCH', details: { metadata: { etag: '7' } } });
  await expect(postToEdit({ ...post, version: 7 }, author, '6', isOpen)).rejects.toEqual(stale);
  expect((await postToEdit({ ...post, version: 7 }, author, '7', isOpen)).version).toBe(7);
  const missing = expect.objectContaining({ reason: 'POST_NOT_FOUND' });
  const { postId, authorId, visibility } = post;
  const gone = { postId, authorId, visibility, version: 2, deletedAt: 1 };
  await expect(postToEdit(gone, author, '2', isOpen)).rejects.toEqual(missing);
  await expect(postToEdit(undefined, author, '', isOpen)).rejects.toEqual(missing);
});

test('a mask names what can be edited', () => {
  expect(pathsToChange(['product_ids', 'text', 'text'])).toEqual(['product_ids', 'text']);
  for (const mask of [[], ['hashtags'], ['productIds'], ['*']])
    expect(() => pathsToChange(mask)).toThrow(expect.objectContaining({ reason: 'INVALID_FIELD' }));
});
