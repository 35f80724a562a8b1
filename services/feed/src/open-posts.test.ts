import { newId } from '@plaza/core';
import { createMemoryDb, insert, remove } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { newPost, type Post } from './domain/posts/post.ts';
import { createOpenPosts } from './open-posts.ts';
import { toItem } from './store/posts/post-item.ts';
import { createPostReader } from './store/posts/post-reader.ts';
import { keys, postsTable } from './store/table.ts';

test('what is asked at one moment is one look, each post once; hidden, shy and unknown ones are not found', async () => {
  const { openPost, publish, hidden, looks } = world();
  const [famous, other, shy, ofHidden] = [await publish(), await publish(), await publish('FOLLOWERS'), await publish()];
  hidden.add(ofHidden.authorId);
  const ids = Array.from({ length: 300 }, () => famous.postId).concat(other.postId, shy.postId, ofHidden.postId, newId());
  const found = await Promise.all(ids.map((id) => openPost(testContext(), id)));
  expect(found.slice(0, 300).every((post) => post?.postId === famous.postId)).toBe(true);
  expect(found.slice(300)).toEqual([other, undefined, undefined, undefined]);
  expect(looks).toEqual({ reads: [5], questions: 1 });
});

test('the answer is of a look that began after the question', async () => {
  const { openPost, publish, unpublish, graph } = world();
  const post = await publish();
  const answer = Promise.withResolvers<void>();
  const asked = new Promise<void>((resolve) => {
    graph.before = () => (resolve(), answer.promise);
  });
  const first = openPost(testContext(), post.postId);
  await asked;
  await unpublish(post);
  const second = openPost(testContext(), post.postId);
  answer.resolve();
  expect(await Promise.all([first, second])).toEqual([post, undefined]);
});

test('a look that fails fails for those who waited for it, and for nobody else', async () => {
  const { openPost, publish, graph } = world();
  const { postId } = await publish();
  graph.before = () => Promise.reject(new Error('away'));
  const failed = Array.from({ length: 3 }, () => openPost(testContext(), postId));
  expect(await Promise.allSettled(failed)).toMatchObject(failed.map(() => ({ reason: { message: 'away' } })));
  graph.before = async () => undefined;
  expect(await openPost(testContext(), postId)).toMatchObject({ postId });
});

test('more than a hundred at once are looked up a hundred at a time', async () => {
  const { openPost, publish, looks } = world();
  const posts = await Promise.all(Array.from({ length: 250 }, () => publish()));
  expect(await Promise.all(posts.map(({ postId }) => openPost(testContext(), postId)))).toEqual(posts);
  expect(looks.reads).toEqual([100, 100, 50]);
});

const world = () => {
  const db = createMemoryDb();
  const looks = { reads: [] as number[], questions: 0 };
  const hidden = new Set<string>();
  const graph = { before: async (): Promise<void> => undefined };
  const posts = createPostReader({
    db: { ...db, batchGet: (ctx, table, all, ...more) => (looks.reads.push(all.length), db.batchGet(ctx, table, all, ...more)) },
  });
  const verdicts = async (_ctx: unknown, _viewer: string, authors: readonly string[]) => {
    looks.questions++;
    await graph.before();
    return new Map(authors.map((id) => [id, { hidden: hidden.has(id), muted: false, following: false }]));
  };
  return {
    looks,
    hidden,
    graph,
    openPost: createOpenPosts({ posts, peers: { verdicts } }),
    publish: async (visibility: 'PUBLIC' | 'FOLLOWERS' = 'PUBLIC'): Promise<Post> => {
      const post = newPost(newId(), { authorId: newId(), text: 'look', media: [], productIds: [], visibility });
      await db.write(testContext(), insert(postsTable, { ...toItem(post), media: [] }));
      return post;
    },
    unpublish: ({ postId }: Post) => db.write(testContext(), remove(postsTable, keys.post(postId))),
  };
};
