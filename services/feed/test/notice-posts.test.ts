import { newId } from '@plaza/core';
import { asUser } from '@plaza/testing';
import { beforeEach, expect, test } from 'vitest';

import { briefly, noticeWorld } from './notice-world.ts';

let world: ReturnType<typeof noticeWorld>;
let me: string;
beforeEach(() => {
  world = noticeWorld();
  me = newId();
});

const brief = async () => briefly(await world.list(me));

test('answers and mentions are told with the post; of both in one, the answer', async () => {
  const postId = await world.publish(me);
  world.named.set('myself', me);
  const [ann, bob] = [newId(), newId()];
  const answer = await world.publish(ann, 'no, @myself!', { replyToPostId: postId });
  const mention = await world.publish(bob, 'hello @myself and @nobody_has_this');
  await world.settle();
  const items = await world.list(me);
  expect(briefly(items)).toEqual(['MENTION 1', 'REPLY 1']);
  expect(items.map(({ post, actors }) => [post!.postId, actors[0]!.userId])).toEqual([
    [mention, bob],
    [answer, ann],
  ]);
});

test('an edit that mentions somebody, or shows the post, is told; of one post once', async () => {
  const postId = await world.publish(me);
  world.named.set('myself', me);
  const ann = newId();
  const edit = async (id: string, wish: { text?: string; visibility?: 1 | 3 }) => {
    const changes = { text: '', media: [], productIds: [], visibility: 1 as const, ...wish };
    await world.posts.updatePost(asUser(ann), { postId: id, changes, updateMask: Object.keys(wish), etag: '', requestId: '' });
    await world.settle();
  };
  const answer = await world.publish(ann, 'well', { replyToPostId: postId, visibility: 3 });
  const post = await world.publish(ann, 'hello');
  await world.settle();
  expect(await brief()).toEqual([]);
  await edit(answer, { visibility: 1 });
  await edit(post, { text: 'hello @myself' });
  expect(await brief()).toEqual(['MENTION 1', 'REPLY 1']);
  await edit(answer, { text: 'well, well' });
  await edit(post, { text: 'hello again, @myself' });
  expect(await brief()).toEqual(['MENTION 1', 'REPLY 1']);
  const [mention] = await world.list(me);
  expect(mention!.post!.text).toBe('hello again, @myself');
});

test('ten mentions at most are looked up', async () => {
  for (let i = 0; i < 12; i++) world.named.set(`friend${i}`, i === 10 ? me : newId());
  await world.publish(newId(), Array.from({ length: 12 }, (_, i) => `@friend${i}`).join(' '));
  await world.settle();
  expect(await brief()).toEqual([]);
});
