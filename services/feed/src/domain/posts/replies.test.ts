import { expect, test } from 'vitest';

import { repliesMoved } from './replies.ts';

test.each([
  ['an open answer is published', { isPrivate: false }, 1],
  ['a private one is', { isPrivate: true }, undefined],
  ['an open one is deleted', { wasPrivate: false }, -1],
  ['a private one is deleted', { wasPrivate: true }, undefined],
  ['an open one becomes private', { wasPrivate: false, isPrivate: true }, -1],
  ['a private one becomes open', { wasPrivate: true, isPrivate: false }, 1],
  ['an open one is edited', { wasPrivate: false, isPrivate: false }, undefined],
  ['a private one is edited', { wasPrivate: true, isPrivate: true }, undefined],
] as const)('%s', (_what, change, replies) => {
  expect(repliesMoved('post', change)).toEqual(replies && { postId: 'post', replies });
  expect(repliesMoved('', change)).toBeUndefined();
});
