import { newId } from '@plaza/core';
import { postUnliked, repostRemoved } from '@plaza/events';
import { testContext } from '@plaza/testing';
import { beforeEach, expect, test } from 'vitest';

import { keys, postsTable } from '../src/store/table.ts';
import { counted, expectErased, expectOneStory, listed, statesOf, told } from './engagement-audit.ts';
import { calling, createEngagementWorld } from './engagement-world.ts';

const [AUTHOR, GONE, OTHER] = [newId(), newId(), newId()];
/** More than two transactions take. */
const POSTS = 40;
const DEATH = new Error('the process died here');

/** After so many transactions of the eraser it dies: before the next one, or behind it. */
let dies: { after: number; as: 'before' | 'behind' } | undefined;
beforeEach(() => {
  dies = undefined;
});

/** Two people who have done this and that with forty posts, all of it counted. */
const acquaintances = async () => {
  const world = createEngagementWorld(async ({ verb, method }) => {
    if (dies === undefined || method !== testContext().method) return undefined;
    if (dies.after === 0 && dies.as === 'behind') throw DEATH;
    if (verb === 'transact' && dies.after-- === 0) throw DEATH;
    return undefined;
  });
  const replica = world.replica();
  const { posts, count } = replica;
  const postIds: string[] = [];
  for (let i = 0; i < POSTS; i++) {
    const draft = { authorId: AUTHOR, text: 'a post', media: [], productIds: [], visibility: 1 as const, requestId: '' };
    const { post } = await posts.createPost(calling(AUTHOR, 'create'), { ...draft, replyToPostId: '' });
    const postId = post!.postId!;
    postIds.push(postId);
    for (const userId of [GONE, OTHER]) {
      const request = { userId, postId, requestId: '' };
      if (i % 4 !== 0) await posts.like(calling(userId, 'like'), request);
      if (i % 4 <= 1) await posts.repost(calling(userId, 'repost'), request);
      if (i % 3 === 0) await posts.bookmark(calling(userId, 'bookmark'), request);
    }
  }
  const countAll = async () => {
    for (const event of await world.events()) await count(event);
  };
  await countAll();
  return { ...world, ...replica, postIds, countAll };
};

const LIKES = (POSTS / 4) * 3;
const REPOSTS = POSTS / 2;
const BOOKMARKS = Math.ceil(POSTS / 3);

test.each([
  [undefined],
  [{ after: 0, as: 'before' as const }],
  [{ after: 1, as: 'before' as const }],
  [{ after: 1, as: 'behind' as const }],
  [{ after: 2, as: 'behind' as const }],
])('all that a person has done goes, each with its event, and is counted once, also if the eraser dies: %o', async (death) => {
  const { db, erase, events, postIds, countAll } = await acquaintances();
  const othersBefore = await statesOf(db, OTHER);
  dies = death;
  const died = await erase(GONE).catch((error: unknown) => error);
  expect(died).toBe(death && DEATH);
  dies = undefined;
  // The next delivery, twice at once.
  await Promise.all([erase(GONE), erase(GONE)]);
  await expectErased(db, await events(), GONE);
  await expectOneStory(db, [GONE, OTHER], postIds);
  expect(await db.get(testContext(), postsTable, keys.erasure(GONE))).toMatchObject({
    likes: LIKES,
    reposts: REPOSTS,
    bookmarks: BOOKMARKS,
  });
  expect(told(await events(), postUnliked)).toHaveLength(LIKES);
  expect(told(await events(), repostRemoved)).toHaveLength(REPOSTS);
  expect(await statesOf(db, OTHER)).toEqual(othersBefore);
  await countAll();
  for (const postId of postIds) expect(await counted(db, postId)).toEqual(await listed(db, postId));
});
