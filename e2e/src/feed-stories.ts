import { newId } from '@plaza/core';
import { eventually } from '@plaza/testing';
import { expect } from 'vitest';

import { insist } from './insist.ts';
import type { World } from './world.ts';

const PATIENCE = { timeoutMs: 45_000, everyMs: 100 };

/** People who follow and post, told by careful clients: each story ends as if nothing had ever crashed. */
export const feedStories = (world: World) => {
  const admin = () => world.plaza.asAdmin(4_000);

  const feedIs = (viewerId: string, ids: string[]) =>
    eventually(async () => expect(await world.feed(viewerId)).toEqual(ids), PATIENCE);

  /** Both read their feeds, so that what comes is pushed. */
  const pair = async () => {
    const [author, viewer] = [await insist(() => world.person()), await insist(() => world.person())];
    await insist(() => world.awake(author, viewer));
    return { author, viewer };
  };

  const follow = (followerId: string, followeeId: string, requestId = newId()) =>
    insist(() => world.plaza.clients.graph.follow(admin(), { followerId, followeeId, requestId }));

  const unfollow = (followerId: string, followeeId: string, requestId = newId()) =>
    insist(() => world.plaza.clients.graph.unfollow(admin(), { followerId, followeeId, requestId }));

  const post = async (authorId: string, requestId = newId()) =>
    (await insist(() => world.plaza.clients.posts.createPost(admin(), { authorId, text: 'Hello', requestId }))).post!.postId;

  const publish = async () => {
    const { author, viewer } = await pair();
    await follow(viewer, author);
    const first = await post(author);
    await feedIs(viewer, [first]);
    const second = await post(author);
    await feedIs(viewer, [second, first]);
    await feedIs(author, [second, first]);
    const { posts } = await insist(() => world.plaza.clients.posts.listPosts(admin(), { authorId: author }));
    expect(posts.map(({ postId }) => postId)).toEqual([second, first]);
  };

  const retract = async () => {
    const { author, viewer } = await pair();
    await follow(viewer, author);
    const [kept, deleted] = [await post(author), await post(author)];
    await feedIs(viewer, [deleted, kept]);
    const requestId = newId();
    await insist(() => world.plaza.clients.posts.deletePost(admin(), { postId: deleted, requestId }));
    await feedIs(viewer, [kept]);
    await feedIs(author, [kept]);
  };

  const followLate = async () => {
    const { author, viewer } = await pair();
    const ids = [await post(author), await post(author)].reverse();
    await follow(viewer, author);
    await feedIs(viewer, ids);
    await countsAre(author, viewer, 1n);
  };

  const unfollowAndReturn = async () => {
    const { author, viewer } = await pair();
    const id = await post(author);
    await follow(viewer, author);
    await feedIs(viewer, [id]);
    await unfollow(viewer, author);
    expect(await insist(() => world.feed(viewer))).toEqual([]);
    await countsAre(author, viewer, 0n);
    await follow(viewer, author);
    await feedIs(viewer, [id]);
    await countsAre(author, viewer, 1n);
  };

  const countsAre = (author: string, viewer: string, count: bigint) =>
    eventually(async () => {
      const { counts } = await world.plaza.clients.graph.batchGetCounts(admin(), { userIds: [author, viewer] });
      expect(counts).toMatchObject([{ followers: count }, { following: count }]);
    }, PATIENCE);

  const importFollows = async () => {
    const { author, viewer } = await pair();
    const id = await post(author);
    const messages = async function* () {
      yield { followerId: viewer, followeeIds: [author] };
    };
    await insist(() => world.plaza.clients.graph.importFollows(world.plaza.asAdmin(5_000), messages()));
    await feedIs(viewer, [id]);
    await countsAre(author, viewer, 1n);
  };

  /** Whoever comes back after a long time, or for the first time, has all of it at once, and then a feed of their own rows. */
  const comeBack = async () => {
    const [author, viewer] = [await insist(() => world.person()), await insist(() => world.person())];
    const ids = [await post(author), await post(author)].reverse();
    await follow(viewer, author);
    expect(await insist(() => world.feed(viewer))).toEqual(ids);
    await insist(() => world.awake(viewer));
    expect(await insist(() => world.feed(viewer))).toEqual(ids);
    const next = await post(author);
    await feedIs(viewer, [next, ...ids]);
  };

  return { publish, retract, comeBack, followLate, unfollowAndReturn, importFollows };
};
