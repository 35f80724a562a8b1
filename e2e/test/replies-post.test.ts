import { newId } from '@plaza/core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { replyLoser } from '../src/lost-replies.ts';
import { startWorld, type World } from '../src/world.ts';

// As in replies.test.ts: the work is done, the reply is swallowed, the call is repeated with its id.
let world: World;
let losingTheReply: ReturnType<typeof replyLoser>;
beforeAll(async () => {
  world = await startWorld({ services: ['user', 'product', 'social-graph', 'feed'], proxies: ['feed'] });
  losingTheReply = replyLoser(world);
});
afterAll(() => world?.close());

const self = (userId: string) => world.plaza.asUser(userId, 10_000);

test('CreatePost in reply, UpdatePost: published and edited once, with the first answer', async () => {
  const { posts } = world.plaza.clients;
  const authorId = await world.person();
  const parent = await world.post(authorId);
  const requestId = newId();
  const { post } = await losingTheReply('feed', requestId, () =>
    posts.createPost(self(authorId), { authorId, text: 'one', replyToPostId: parent, requestId }),
  );
  expect(post).toMatchObject({ text: 'one', replyToPostId: parent, etag: '1' });
  expect((await posts.listReplies(self(authorId), { postId: parent })).posts.map(({ postId }) => postId)).toEqual([post!.postId]);
  const editId = newId();
  const { postId } = post!;
  const changes = { text: 'two' };
  const edited = await losingTheReply('feed', editId, () =>
    posts.updatePost(self(authorId), { postId, changes, updateMask: ['text'], requestId: editId }),
  );
  expect(edited.post).toMatchObject({ text: 'two', etag: '2' });
  await posts.updatePost(self(authorId), { postId, changes: { text: 'three' }, updateMask: ['text'], requestId: newId() });
  const again = await posts.updatePost(self(authorId), { postId, changes, updateMask: ['text'], requestId: editId });
  expect(again).toEqual(edited);
});

test('Like, Repost, Bookmark and back: each once, and a repetition after the way back does nothing', async () => {
  const { posts } = world.plaza.clients;
  const userId = await world.person();
  const postId = await world.post(await world.person());
  for (const [act, back] of [
    ['like', 'unlike'],
    ['repost', 'undoRepost'],
    ['bookmark', 'unbookmark'],
  ] as const) {
    const [actId, backId] = [newId(), newId()];
    const first = await losingTheReply<object>('feed', actId, () =>
      posts[act](self(userId), { userId, postId, requestId: actId }),
    );
    await losingTheReply<object>('feed', backId, () => posts[back](self(userId), { userId, postId, requestId: backId }));
    expect(await posts[act](self(userId), { userId, postId, requestId: actId })).toEqual(first);
  }
  const { post } = await posts.getPost(self(userId), { postId });
  expect(post!.viewer).toEqual({ liked: false, reposted: false, bookmarked: false });
});
