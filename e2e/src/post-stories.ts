import { newId } from '@plaza/core';
import { NotificationKind } from '@plaza/proto/plaza/feed/v1/notification_service';
import { PostVisibility } from '@plaza/proto/plaza/feed/v1/post';
import { TrendingWindow } from '@plaza/proto/plaza/feed/v1/post_service';
import { eventually } from '@plaza/testing';
import { expect } from 'vitest';

import { insist } from './insist.ts';
import { ADDRESS, type World } from './world.ts';

const PATIENCE = { timeoutMs: 45_000, everyMs: 100 };

/** What people do with posts, told by careful clients: each story ends as if nothing had ever crashed. */
export const postStories = (world: World) => {
  const { posts, orders, graph, notifications } = world.plaza.clients;
  const admin = () => world.plaza.asAdmin(4_000);
  const as = (userId: string) => world.plaza.asUser(userId, 4_000);

  const person = () => insist(() => world.person());
  const newTag = () => `t${newId().toLowerCase()}`;

  const publish = async (authorId: string, wish: { text: string; productIds?: string[]; visibility?: PostVisibility }) => {
    const request = { authorId, ...wish, requestId: newId() };
    return (await insist(() => posts.createPost(admin(), request))).post!.postId;
  };

  const countsAre = (postId: string, counts: Partial<Record<'likes' | 'reposts' | 'replies' | 'views', bigint>>) =>
    eventually(async () => {
      const { post } = await posts.getPost(admin(), { postId });
      expect(post!.counts).toMatchObject(counts);
    }, PATIENCE);

  const withTag = async (hashtag: string): Promise<string[]> =>
    (await insist(() => posts.listPostsByHashtag(admin(), { hashtag }))).posts.map(({ postId }) => postId);

  const edit = async () => {
    const [before, after] = [newTag(), newTag()];
    const author = await person();
    const postId = await publish(author, { text: `#${before}` });
    const change = { postId, changes: { text: `#${after}` }, updateMask: ['text'], requestId: newId() };
    await insist(() => posts.updatePost(as(author), change));
    const { post } = await insist(() => posts.getPost(admin(), { postId }));
    expect(post).toMatchObject({ text: `#${after}`, etag: '2' });
    expect([await withTag(before), await withTag(after)]).toEqual([[], [postId]]);
    const { revisions } = await insist(() => posts.listPostRevisions(admin(), { postId }));
    expect(revisions).toMatchObject([{ text: `#${before}`, etag: '1' }]);
  };

  /** A post leaves the feeds of followers when it is made private, and comes back when it is public again. */
  const hideAndShow = async () => {
    const [author, viewer] = [await person(), await person()];
    const requestId = newId();
    await insist(() => graph.follow(admin(), { followerId: viewer, followeeId: author, requestId }));
    const postId = await publish(author, { text: 'mine' });
    await eventually(async () => expect(await world.feed(viewer)).toEqual([postId]), PATIENCE);
    const show = (visibility: PostVisibility, id: string) =>
      insist(() => posts.updatePost(as(author), { postId, changes: { visibility }, updateMask: ['visibility'], requestId: id }));
    await show(PostVisibility.PRIVATE, newId());
    expect(await insist(() => world.feed(viewer))).toEqual([]);
    await show(PostVisibility.PUBLIC, newId());
    await eventually(async () => expect(await world.feed(viewer)).toEqual([postId]), PATIENCE);
  };

  const engage = async () => {
    const userId = await person();
    const postId = await publish(await person(), { text: 'like me' });
    const act = { userId, postId };
    const [like, repost, bookmark] = [newId(), newId(), newId()];
    await insist(() => posts.like(as(userId), { ...act, requestId: like }));
    await insist(() => posts.repost(as(userId), { ...act, requestId: repost }));
    await insist(() => posts.bookmark(as(userId), { ...act, requestId: bookmark }));
    await countsAre(postId, { likes: 1n, reposts: 1n });
    const { post } = await insist(() => posts.getPost(as(userId), { postId }));
    expect(post!.viewer).toEqual({ liked: true, reposted: true, bookmarked: true });
    const [unlike, undo, unbookmark] = [newId(), newId(), newId()];
    await insist(() => posts.unlike(as(userId), { ...act, requestId: unlike }));
    await insist(() => posts.undoRepost(as(userId), { ...act, requestId: undo }));
    await insist(() => posts.unbookmark(as(userId), { ...act, requestId: unbookmark }));
    await countsAre(postId, { likes: 0n, reposts: 0n });
    const { likes } = await insist(() => posts.listLikes(admin(), { postId }));
    expect(likes).toEqual([]);
  };

  const reply = async () => {
    const author = await person();
    const postId = await publish(author, { text: 'what do you think?' });
    const request = { authorId: author, text: 'a lot', replyToPostId: postId, requestId: newId() };
    const answer = (await insist(() => posts.createPost(admin(), request))).post!;
    expect(answer).toMatchObject({ replyToPostId: postId, rootPostId: postId, depth: 1 });
    await countsAre(postId, { replies: 1n });
    const requestId = newId();
    await insist(() => posts.deletePost(as(author), { postId: answer.postId, requestId }));
    await countsAre(postId, { replies: 0n });
  };

  /** The author is told of who likes the post, once. */
  const beTold = async () => {
    const [author, fan] = [await person(), await person()];
    const postId = await publish(author, { text: 'tell me' });
    const requestId = newId();
    await insist(() => posts.like(as(fan), { userId: fan, postId, requestId }));
    await eventually(async () => {
      const told = await notifications.listNotifications(as(author), { userId: author });
      const brief = told.notifications.map(({ kind, actors }) => [kind, ...actors.map(({ userId }) => userId)]);
      expect(brief).toEqual([[NotificationKind.LIKE, fan], [NotificationKind.WELCOME]]);
    }, PATIENCE);
  };

  /** Seen once, counted once, and on the way to the top. */
  const look = async () => {
    const hashtag = newTag();
    const postId = await publish(await person(), { text: `#${hashtag}` });
    const requestId = newId();
    await insist(() => posts.recordPostViews(admin(), { postIds: [postId], requestId }));
    await countsAre(postId, { views: 1n });
    await eventually(async () => {
      const page = { window: TrendingWindow.HOUR, pageSize: 100 };
      const trending = await posts.listTrendingPosts(admin(), page);
      expect(trending.posts.map(({ post }) => post!.postId)).toContain(postId);
      expect((await posts.listTrendingHashtags(admin(), page)).hashtags.map((tag) => tag.hashtag)).toContain(hashtag);
    }, PATIENCE);
  };

  /** Bought because of a post. */
  const sell = async () => {
    const { productId } = await insist(() => world.shelf(5, 3));
    const [author, buyer] = [await person(), await person()];
    await insist(() => world.fund(buyer, 20));
    const attributedPostId = await publish(author, { text: 'buy this', productIds: [productId] });
    const lines = [{ productId, quantity: 2n }];
    const wish = { userId: buyer, lines, shippingAddress: ADDRESS, attributedPostId, requestId: newId() };
    await insist(() => orders.createOrder(world.plaza.asUser(buyer, 10_000), wish));
    await eventually(async () => {
      const sales = await posts.getPostSales(as(author), { postId: attributedPostId });
      expect(sales).toEqual({ orders: 1n, units: 2n, products: [{ productId, orders: 1n, units: 2n }] });
    }, PATIENCE);
  };

  return { edit, hideAndShow, engage, beTold, reply, look, sell };
};
