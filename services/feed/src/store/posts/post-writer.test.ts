import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb } from '@plaza/dynamo';
import { asUser } from '@plaza/testing';
import { expect, test } from 'vitest';

import { postNotFound } from '../../domain/errors.ts';
import type { Post } from '../../domain/posts/post.ts';
import { createPostReader } from './post-reader.ts';
import { createPostWriter } from './post-writer.ts';
import { createPublicDays } from './public-days.ts';

test('a request that found its post deleted before cannot delete another, deleted or not', async () => {
  const { publish, erase } = world();
  const [first, second, kept] = [await publish(), await publish(), await publish()];
  for (const postId of [first, second]) await erase(newId(), postId);
  const requestId = newId();
  for (let times = 0; times < 2; times++) expect(await erase(requestId, first)).toBe(first);
  for (const postId of [second, kept]) await expect(erase(requestId, postId)).rejects.toMatchObject(REUSED);
});

test('nor can a request whose post another call deleted first', async () => {
  const { publish, erase, load } = world();
  const [first, second] = [await publish(), await publish()];
  const seen = (await load(first)) as Post;
  for (const postId of [first, second]) await erase(newId(), postId);
  const requestId = newId();
  for (let times = 0; times < 2; times++) {
    const stale: (Post | undefined)[] = [seen];
    expect(await erase(requestId, first, async () => stale.pop() ?? load(first))).toBe(first);
  }
  await expect(erase(requestId, second)).rejects.toMatchObject(REUSED);
});

const REUSED = { code: 'INVALID_ARGUMENT', reason: 'REQUEST_ID_REUSED' };

const world = () => {
  const db = createMemoryDb();
  const writer = createPostWriter({
    db,
    relay: { nudge: () => undefined },
    days: createPublicDays({ db }),
    newId,
    now: Date.now,
  });
  const reader = createPostReader({ db });
  const authorId = newId();
  const ctx = () => asUser(authorId);
  const load = async (postId: string) => {
    const post = await reader.get(ctx(), postId);
    if (post === undefined) throw postNotFound();
    return post;
  };
  return {
    load,
    publish: async () => {
      const draft = { authorId, text: 'x', media: [], productIds: [], visibility: 'PUBLIC' } as const;
      const { postId } = await writer.publish(ctx(), mutationOf(ctx(), newId(), draft), draft, async () => undefined);
      return postId;
    },
    erase: (requestId: string, postId: string, found = () => load(postId)) =>
      writer.delete(ctx(), mutationOf(ctx(), requestId, { postId }), found),
  };
};
