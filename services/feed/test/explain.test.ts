import { newId } from '@plaza/core';
import { asUser } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { noRedis } from './in-memory.ts';
import { story } from './verify-scene.ts';

afterAll(() => noRedis.close());

test('each rule about a post is told with its verdict', async () => {
  const { plaza, viewer, author, stranger, ids, post, explain, removeRow } = await story();
  expect(await explain(ids[0]!)).toMatchObject({ shown: true, failed: [] });
  expect((await explain(ids[0]!)).rules.map(({ rule }) => rule)).toEqual([
    'POST_EXISTS',
    'NOT_DELETED',
    'NOT_HIDDEN',
    'VISIBILITY',
    'AUTHOR_FOLLOWED',
    'NOT_MUTED',
    'IN_TIMELINE',
    'PROPOSED',
    'JUDGED',
  ]);
  expect(await explain(newId())).toMatchObject({ shown: false, failed: ['POST_EXISTS'] });
  expect((await explain(await post(stranger))).failed).toEqual(['AUTHOR_FOLLOWED', 'PROPOSED', 'JUDGED']);
  expect((await explain(await post(author, 3))).failed).toContain('VISIBILITY');
  await plaza.posts.deletePost(asUser(author), { postId: ids[2]!, requestId: newId() });
  expect((await explain(ids[2]!)).failed).toContain('NOT_DELETED');
  await removeRow(ids[0]!);
  const holed = await explain(ids[0]!);
  expect(holed.failed).toEqual(['PROPOSED']);
  expect(holed.rules.find(({ rule }) => rule === 'PROPOSED')?.detail).toContain('there is no row');
  plaza.unfollow(viewer, author);
  expect((await explain(ids[1]!)).failed).toEqual(expect.arrayContaining(['AUTHOR_FOLLOWED', 'JUDGED']));
});

test('a post that came by who passed it on is shown, and by whom', async () => {
  const { plaza, viewer, author, stranger, post, explain, read, addRow } = await story();
  const postId = await post(stranger);
  await plaza.posts.repost(asUser(author), { userId: author, postId, requestId: newId() });
  await plaza.settle(0);
  const key = (await read())[0]!;
  const passedOn = { rule: 'PASSED_ON', detail: `by ${author}: ${key}` };
  const { shown, rules } = await explain(postId);
  expect([shown, rules.at(-1)]).toEqual([true, { ...passedOn, passed: true }]);
  plaza.unfollow(viewer, author);
  await plaza.settle(0);
  await addRow(key, author);
  const after = await explain(postId);
  expect([after.shown, after.rules.at(-1)]).toEqual([false, { ...passedOn, passed: false }]);
});
