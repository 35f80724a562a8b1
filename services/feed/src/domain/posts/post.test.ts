import { newId } from '@plaza/core';
import { expect, test } from 'vitest';

import { newPost } from './post.ts';

test('a post is made of its id and draft alone, so that it can be answered again', () => {
  const id = newId(1_700_000_000_000);
  const draft = { authorId: 'a', text: 'Hi @Bobby, #Tea', media: [], productIds: ['x'], visibility: 'FOLLOWERS' } as const;
  expect(newPost(id, draft)).toEqual(newPost(id, { ...draft }));
  expect(newPost(id, draft)).toMatchObject({ hashtags: ['tea'], mentions: ['bobby'], version: 1 });
});
