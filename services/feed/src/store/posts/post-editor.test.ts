import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb } from '@plaza/dynamo';
import type { OutboxRow } from '@plaza/events';
import { PostUpdated } from '@plaza/proto/plaza/feed/v1/events';
import { asUser } from '@plaza/testing';
import { expect, test } from 'vitest';

import { editOf, type PostPath } from '../../domain/posts/edit.ts';
import type { Content, Post } from '../../domain/posts/post.ts';
import { createListReader } from './list-reader.ts';
import { createPostEditor } from './post-editor.ts';
import { createPostReader } from './post-reader.ts';
import { createPostWriter } from './post-writer.ts';
import { createPublicDays } from './public-days.ts';
import { createRevisionStore } from './revision-store.ts';

test('a post that becomes PUBLIC is among those of everybody, also on a day that had none; one that is it no more is not', async () => {
  const { edit, everybody } = await world();
  expect(await everybody()).toBe(0);
  await edit({ visibility: 'PUBLIC' });
  expect(await everybody()).toBe(1);
  await edit({ visibility: 'FOLLOWERS' });
  expect(await everybody()).toBe(0);
});

test('an edit tells what was changed, once, and nothing of what was said; changing nothing tells nobody', async () => {
  const { edit, told, post } = await world();
  await edit({ text: 'a secret', visibility: 'PRIVATE' });
  await edit({ text: 'a secret' });
  await edit({ text: 'a secret', visibility: 'PUBLIC' });
  expect(told.map(({ version }) => version)).toEqual([2, 3]);
  const events = told.map(({ payload }) => PostUpdated.decode(payload));
  expect(events).toMatchObject([
    { postId: post.postId, authorId: post.authorId, mask: ['text'], isPrivate: true, wasPrivate: true, replyToPostId: '' },
    { postId: post.postId, authorId: post.authorId, mask: ['visibility'], isPrivate: false, wasPrivate: true },
  ]);
  expect(told.map(({ payload }) => Buffer.from(payload).toString('latin1')).join()).not.toContain('secret');
});

/** A PRIVATE post, the first of its day. */
const world = async () => {
  const db = createMemoryDb();
  const posts = createPostReader({ db });
  const lists = createListReader({ db, now: Date.now });
  const [told, authorId] = [[] as OutboxRow[], newId()];
  const relay = { nudge: (rows: readonly OutboxRow[]) => void told.push(...rows) };
  const days = createPublicDays({ db });
  const ctx = asUser(authorId);
  const draft = { authorId, text: 'x', media: [], productIds: [], visibility: 'PRIVATE' } as const;
  const writer = createPostWriter({ db, relay, days, newId, now: Date.now });
  const { postId } = await writer.publish(ctx, mutationOf(ctx, '', {}), draft, async () => undefined);
  told.length = 0;
  const editor = createPostEditor({ db, posts, revisions: createRevisionStore({ db }), relay, days });
  return {
    told,
    post: (await posts.get(ctx, postId)) as Post,
    edit: (wish: Partial<Content>) =>
      editor.edit(ctx, mutationOf(ctx, '', {}), postId, async (post) =>
        editOf(post as Post, Object.keys(wish) as PostPath[], { ...draft, ...wish }, Date.now()),
      ),
    everybody: async () => (await lists.everybody()(ctx, undefined, 10)).rows.length,
  };
};
