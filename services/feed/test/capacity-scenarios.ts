import { firstIdAt, newId } from '@plaza/core';
import type { Post } from '@plaza/proto/plaza/feed/v1/post';
import { TrendingWindow } from '@plaza/proto/plaza/feed/v1/post_service';
import { asAdmin, asUser, eventually, testContext, type Scenario } from '@plaza/testing';

import { homeFeedTable, keys } from '../src/store/table.ts';
import { noticeScenarios } from './capacity-notices.ts';
import type { World } from './world.ts';

const PAGE = 20;

/** The ordinary case of each RPC, in the order of the services. Pages and batches are of 20; a post has a hashtag and a product. */
export const scenariosOf = (world: World): Record<string, Scenario> => {
  const { posts, feed } = world;
  const anyone = () => testContext();
  const request = <T extends object>(body: T) => ({ ...body, requestId: newId() });
  const tag = () => `t${newId().toLowerCase()}`;

  /** One whose reader is not its author. */
  const publish = async (more: { text?: string; productIds?: string[]; replyToPostId?: string } = {}): Promise<Post> => {
    const authorId = world.person();
    const wish = { authorId, text: `#${tag()}`, productIds: [world.product()], ...more };
    return (await posts.createPost(asUser(authorId), request(wish))).post!;
  };
  const several = async (more: () => Parameters<typeof publish>[0] = () => ({})): Promise<Post[]> =>
    Promise.all(Array.from({ length: PAGE + 1 }, () => publish(more())));
  const edited = async (): Promise<Post> => {
    const post = await publish();
    const edit = { postId: post.postId, changes: { text: `#${tag()} again` }, updateMask: ['text'] };
    await posts.updatePost(asUser(post.authorId), request(edit));
    return post;
  };
  const act = async () => ({ userId: newId(), postId: (await publish()).postId });
  const done = async (...calls: ('like' | 'repost' | 'bookmark')[]) => {
    const body = await act();
    for (const call of calls) await posts[call](asUser(body.userId), request(body));
    return body;
  };

  const scenarios: Record<string, Scenario> = {
    CreatePost: async () => {
      const [authorId, productId] = [world.person(), world.product()];
      await world.publish(authorId);
      const wish = { authorId, text: `#${tag()}`, productIds: [productId] };
      return () => posts.createPost(asUser(authorId), request(wish));
    },
    GetPost: async () => {
      const { postId } = await publish();
      return () => posts.getPost(asUser(newId()), { postId });
    },
    BatchGetPosts: async () => {
      const postIds = (await several()).slice(1).map(({ postId }) => postId);
      return () => posts.batchGetPosts(asUser(newId()), { postIds });
    },
    UpdatePost: async () => {
      const { postId, authorId } = await publish();
      const edit = { postId, changes: { text: `#${tag()} again` }, updateMask: ['text'] };
      return () => posts.updatePost(asUser(authorId), request(edit));
    },
    ListPostRevisions: async () => {
      const { postId } = await edited();
      return () => posts.listPostRevisions(asUser(newId()), { postId });
    },
    DeletePost: async () => {
      const { postId, authorId } = await publish();
      return () => posts.deletePost(asUser(authorId), request({ postId }));
    },
    ListPosts: async () => {
      const authorId = world.person();
      for (let i = 0; i <= PAGE; i++) await world.publish(authorId);
      return () => posts.listPosts(asUser(newId()), { authorId });
    },
    ListReplies: async () => {
      const { postId } = await publish();
      await several(() => ({ replyToPostId: postId }));
      return () => posts.listReplies(asUser(newId()), { postId });
    },
    ListPostsByHashtag: async () => {
      const hashtag = tag();
      await several(() => ({ text: `#${hashtag}` }));
      return () => posts.listPostsByHashtag(asUser(newId()), { hashtag });
    },
    ListPostsByProduct: async () => {
      const productId = world.product();
      await several(() => ({ productIds: [productId] }));
      return () => posts.listPostsByProduct(asUser(newId()), { productId });
    },
    ListPublicPosts: async () => {
      await several();
      return () => posts.listPublicPosts(asUser(newId()), {});
    },
    Like: async () => {
      const body = await act();
      return () => posts.like(asUser(body.userId), request(body));
    },
    Unlike: async () => {
      const body = await done('like');
      return () => posts.unlike(asUser(body.userId), request(body));
    },
    ListLikes: async () => {
      const { postId } = await publish();
      for (let i = 0; i <= PAGE; i++) {
        const userId = newId();
        await posts.like(asUser(userId), request({ userId, postId }));
      }
      return () => posts.listLikes(asUser(newId()), { postId });
    },
    Repost: async () => {
      const body = await act();
      return () => posts.repost(asUser(body.userId), request(body));
    },
    UndoRepost: async () => {
      const body = await done('repost');
      return () => posts.undoRepost(asUser(body.userId), request(body));
    },
    Bookmark: async () => {
      const body = await act();
      return () => posts.bookmark(asUser(body.userId), request(body));
    },
    Unbookmark: async () => {
      const body = await done('bookmark');
      return () => posts.unbookmark(asUser(body.userId), request(body));
    },
    ListBookmarks: async () => {
      const userId = newId();
      for (const { postId } of await several()) await posts.bookmark(asUser(userId), request({ userId, postId }));
      return () => posts.listBookmarks(asUser(userId), { userId });
    },
    RecordPostViews: async () => {
      const postIds = (await several()).slice(1).map(({ postId }) => postId);
      return () => posts.recordPostViews(anyone(), request({ postIds }));
    },
    ListTrendingPosts: async () => () => posts.listTrendingPosts(anyone(), { window: TrendingWindow.DAY }),
    ListTrendingHashtags: async () => () => posts.listTrendingHashtags(anyone(), { window: TrendingWindow.DAY }),
    GetPostSales: async () => {
      const { postId, authorId } = await publish();
      return () => posts.getPostSales(asUser(authorId), { postId });
    },
    RepairPostCounts: async () => {
      const { postId } = await done('like', 'repost');
      return () => posts.repairPostCounts(asAdmin(), request({ postId }));
    },
  };
  const listHomeFeed: Scenario = async () => {
    const viewerId = newId();
    const found = await several();
    for (const { authorId } of found) world.edge(viewerId).add(authorId);
    await world.db.batchWrite(testContext(), homeFeedTable, {
      put: found.map(({ postId, authorId }) => ({ ...keys.feedRow(viewerId, postId), author: authorId, reason: 'FOLLOW' })),
    });
    return () => feed.listHomeFeed(asUser(viewerId), { viewerId });
  };
  /** Somebody who has read their feed, which is put together and remembered. */
  const reader = async () => {
    const viewerId = newId();
    const found = await several();
    for (const { authorId } of found) world.edge(viewerId).add(authorId);
    await feed.listHomeFeed(asUser(viewerId), { viewerId });
    await eventually(async () => {
      const meta = await world.db.get(testContext(), homeFeedTable, keys.feedMeta(viewerId));
      if (meta?.['state'] !== 'READY') throw new Error('not yet');
    });
    await feed.listHomeFeed(asUser(viewerId), { viewerId });
    return viewerId;
  };
  const streamHomeFeed: Scenario = async () => {
    const viewerId = await reader();
    return async () => {
      for await (const _ of feed.streamHomeFeed(asUser(viewerId), { viewerId })) return;
    };
  };
  const getFeedStatus: Scenario = async () => {
    const viewerId = await reader();
    return () => feed.getFeedStatus(asUser(viewerId), { viewerId });
  };
  const markFeedSeen: Scenario = async () => {
    const viewerId = await reader();
    // The service's clock stands still: for it, what was posted after a minute is of the future.
    const itemId = firstIdAt(Date.now() - 3_600_000);
    return () => feed.markFeedSeen(asUser(viewerId), { viewerId, itemId });
  };
  return {
    ...Object.fromEntries(Object.entries(scenarios).map(([name, scenario]) => [`PostService/${name}`, scenario])),
    'FeedService/ListHomeFeed': listHomeFeed,
    'FeedService/StreamHomeFeed': streamHomeFeed,
    'FeedService/GetFeedStatus': getFeedStatus,
    'FeedService/MarkFeedSeen': markFeedSeen,
    ...noticeScenarios(world),
  };
};
