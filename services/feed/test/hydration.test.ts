import { depsInMemory, feedsInMemory } from './in-memory.ts';
import { newId } from '@plaza/core';
import { createMemoryDb, insert } from '@plaza/dynamo';
import { Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { Product } from '@plaza/proto/plaza/product/v1/product_service';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { asUser } from '@plaza/testing';
import { expect, test } from 'vitest';

import { answerTo, newPost } from '../src/domain/posts/post.ts';
import { feedHandlers, postHandlers } from '../src/handlers/index.ts';
import { createPeers } from '../src/peers.ts';
import { placeMoves } from '../src/store/posts/place-rows.ts';
import { toItem } from '../src/store/posts/post-item.ts';
import { createPublicDays } from '../src/store/posts/public-days.ts';
import { keys, postsTable } from '../src/store/table.ts';

const SIZE = 20;
const viewer = newId();

/** 20 answers to one post, by 20 authors or one, each with ten products that no other shows, and a count of every call that leaves the service. */
const scene = async (oneAuthor: boolean) => {
  const calls: Record<string, number> = {};
  const count = (name: string) => (calls[name] = (calls[name] ?? 0) + 1);
  let live = false;
  const db = createMemoryDb({ faults: ({ verb }) => void (live && verb !== 'query' && count(verb)) });
  const peers = createPeers({
    users: {
      batchGetUsers: async (_ctx, { userIds = [] }) => {
        count('users');
        return { users: userIds.map((userId) => User.fromPartial({ userId, username: 'somebody' })), missingIds: [] };
      },
    },
    products: {
      batchGetProducts: async (_ctx, { productIds = [] }) => {
        count('products');
        return { products: productIds.map((productId) => Product.fromPartial({ productId, name: 'a thing' })), missingIds: [] };
      },
    },
    graph: {
      checkVisibility: async (_ctx, { authorIds = [] }) => {
        count('graph');
        const authors = authorIds.map((authorId) => ({
          authorId,
          visibility: Visibility.VISIBLE,
          following: true,
          repostsMuted: false,
        }));
        return { authors, epoch: '' };
      },
    },
  });
  const days = createPublicDays({ db });
  const author = newId();
  const root = newPost(newId(), { authorId: newId(), text: '', media: [], productIds: [], visibility: 'PUBLIC' });
  await db.transact(asUser(viewer), [insert(postsTable, toItem(root))]);
  const ids: string[] = [];
  for (let i = 0; i < SIZE; i++) {
    const draft = {
      authorId: oneAuthor ? author : newId(),
      text: '#tea',
      media: [],
      productIds: [...Array.from({ length: 9 }, () => newId()), 'shared'],
      visibility: 'PUBLIC' as const,
    };
    const post = newPost(newId(), draft, answerTo(root));
    await days.note(asUser(viewer), post);
    await db.transact(asUser(viewer), [insert(postsTable, toItem(post)), ...placeMoves(undefined, post)]);
    await db.write(asUser(viewer), insert(postsTable, { ...keys.bookmark(viewer, newId()), postId: post.postId }));
    ids.unshift(post.postId);
  }
  const feeds = feedsInMemory({ db });
  const { epoch } = await feeds.states.wake(asUser(viewer), viewer);
  await feeds.homeFeeds.addRows(
    asUser(viewer),
    ids.map((entry) => ({ viewerId: viewer, entry, sourceId: author })),
  );
  await feeds.states.ready(asUser(viewer), viewer, epoch, '');
  const deps = depsInMemory({ db, peers, feeds });
  live = true;
  return {
    calls,
    ids,
    author,
    parent: root.postId,
    posts: postHandlers(deps),
    feed: feedHandlers(deps),
  };
};

const page = { pageSize: SIZE, pageToken: '' };

const READS = {
  ListHomeFeed: ({ feed }, ctx) => feed.listHomeFeed(ctx, { viewerId: viewer, ...page, order: 0 }),
  ListPosts: ({ posts, author }, ctx) => posts.listPosts(ctx, { authorId: author, ...page }),
  BatchGetPosts: ({ posts, ids }, ctx) => posts.batchGetPosts(ctx, { postIds: ids }),
  ListBookmarks: ({ posts }, ctx) => posts.listBookmarks(ctx, { userId: viewer, ...page }),
  ListReplies: ({ posts, parent }, ctx) => posts.listReplies(ctx, { postId: parent, ...page }),
  ListPublicPosts: ({ posts }, ctx) => posts.listPublicPosts(ctx, page),
  ListPostsByHashtag: ({ posts }, ctx) => posts.listPostsByHashtag(ctx, { hashtag: 'tea', ...page }),
  ListPostsByProduct: ({ posts }, ctx) => posts.listPostsByProduct(ctx, { productId: 'shared', ...page }),
} satisfies Record<string, (of: Awaited<ReturnType<typeof scene>>, ctx: ReturnType<typeof asUser>) => Promise<unknown>>;

test.each(Object.entries(READS))('%s: a page of 20 costs one call to each peer and one multi-get', async (name, read) => {
  const of = await scene(name === 'ListPosts');
  const answer = (await read(of, asUser(viewer))) as {
    posts?: { products: unknown[] }[];
    items?: { post: { products: unknown[] } }[];
  };
  const shown = answer.posts ?? answer.items!.map(({ post }) => post);
  expect(shown).toHaveLength(SIZE);
  expect(shown.flatMap(({ products }) => products)).toHaveLength(10 * SIZE);
  expect(of.calls).toEqual({ batchGet: 1, graph: 1, users: 1, products: 1 });
});
