import { newId } from '@plaza/core';
import { put } from '@plaza/dynamo';
import { asAdmin, testContext } from '@plaza/testing';
import { beforeEach, expect, test } from 'vitest';

import { keys, postsTable } from '../src/store/table.ts';
import { calling, createEngagementWorld } from './engagement-world.ts';

const [AUTHOR, FAN, OTHER] = [newId(), newId(), newId()];

/** What happens between the two looks, and whether all is counted then; what happens when the second look is over, before its result is stored. */
let meanwhile: () => Promise<boolean>;
let late: (() => Promise<unknown>) | undefined;
beforeEach(() => {
  meanwhile = async () => true;
  late = undefined;
});

/** A post that one person likes, which is not counted yet. */
const liked = async () => {
  const world = createEngagementWorld(
    async ({ verb, method }) => {
      const happen = verb === 'transact' && method === 'repair' ? late : undefined;
      if (happen) late = undefined;
      await happen?.();
      return undefined;
    },
    () => meanwhile(),
  );
  const { posts, count } = world.replica();
  const post = { authorId: AUTHOR, text: 'a post', media: [], productIds: [], visibility: 1 as const, requestId: '' };
  const answer = await posts.createPost(calling(AUTHOR, 'create'), { ...post, replyToPostId: '' });
  const postId = answer.post!.postId!;
  await posts.like(calling(FAN, 'like'), { userId: FAN, postId, requestId: '' });
  return {
    like: () => posts.like(calling(OTHER, 'like'), { userId: OTHER, postId, requestId: '' }),
    unlike: () => posts.unlike(calling(OTHER, 'unlike'), { userId: OTHER, postId, requestId: '' }),
    answer: () => posts.createPost(calling(OTHER, 'create'), { ...post, authorId: OTHER, replyToPostId: postId }),
    countAll: async () => {
      for (const event of await world.events()) await count(event);
      return true;
    },
    spoil: (row: object) => world.db.write(testContext(), put(postsTable, { ...keys.counts(postId), ...row })),
    stored: async () => Number((await world.db.get(testContext(), postsTable, keys.counts(postId)))?.['likes'] ?? 0),
    repair: async (requestId = '') => {
      const ctx = { ...asAdmin(), method: 'repair' };
      const { after, moving } = await posts.repairPostCounts(ctx, { postId, requestId });
      return { likes: Number(after!.likes), moving };
    },
  };
};

test('when all is quiet, what is wrong is set right', async () => {
  const { repair, spoil, stored, countAll } = await liked();
  await countAll();
  await spoil({ likes: 70, moves: 3 });
  expect(await repair()).toEqual({ likes: 1, moving: false });
  expect(await stored()).toBe(1);
});

test.each([
  ['a row that never was', undefined],
  ['a row that counts nothing that can be counted anew', { views: 4 }],
] as const)('%s is made right', async (_what, row) => {
  const { repair, spoil, stored } = await liked();
  if (row) await spoil(row);
  expect(await repair()).toEqual({ likes: 1, moving: false });
  expect(await stored()).toBe(1);
});

test('while an event waits to be counted, all is left as it is, and counted later', async () => {
  const { repair, stored, countAll } = await liked();
  meanwhile = async () => false;
  expect(await repair()).toEqual({ likes: 0, moving: true });
  expect(await stored()).toBe(0);
  await countAll();
  expect(await stored()).toBe(1);
});

test('what is counted between the looks shows, also what adds up to nothing', async () => {
  const { repair, spoil, stored, like, unlike, countAll } = await liked();
  await countAll();
  await spoil({ likes: 5, moves: 1 });
  meanwhile = async () => {
    await like();
    await unlike();
    return countAll();
  };
  expect(await repair()).toEqual({ likes: 5, moving: true });
  expect(await stored()).toBe(5);
});

test.each(['like', 'answer'] as const)('another %s between the looks shows', async (what) => {
  const { repair, spoil, countAll, ...does } = await liked();
  await countAll();
  await spoil({ likes: 5, moves: 1 });
  meanwhile = async () => {
    await does[what]();
    return true;
  };
  expect(await repair()).toEqual({ likes: 5, moving: true });
});

test.each([
  { before: 'a row that never was', row: undefined, seen: 0 },
  { before: 'a row without moves', row: { likes: 5 }, seen: 5 },
  { before: 'a row', row: { likes: 5, moves: 1 }, seen: 5 },
])('what is counted between the second look and its storing is not lost: $before', async ({ row, seen }) => {
  const { repair, spoil, stored, countAll } = await liked();
  if (row) await spoil(row);
  late = countAll;
  expect(await repair()).toEqual({ likes: seen, moving: true });
  expect(await stored()).toBe(seen + 1);
});

test('a repeated repair answers the first one, whatever moved since', async () => {
  const { repair, stored, like, countAll } = await liked();
  await countAll();
  const requestId = newId();
  expect(await repair(requestId)).toEqual({ likes: 1, moving: false });
  await like();
  await countAll();
  expect(await repair(requestId)).toEqual({ likes: 1, moving: false });
  expect(await stored()).toBe(2);
});
