import { newId } from '@plaza/core';
import { FollowState } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { eventually } from '@plaza/testing';
import { expect } from 'vitest';

import { insist } from './insist.ts';
import type { World } from './world.ts';

const PATIENCE = { timeoutMs: 45_000, everyMs: 100 };

/** People who hide, ask, block and come back, told by careful clients: each story ends as if nothing had ever crashed. */
export const graphStories = (world: World) => {
  const admin = () => world.plaza.asAdmin(4_000);
  const { graph, users, posts } = world.plaza.clients;

  /** Both read their feeds, so that what comes is pushed. */
  const pair = async () => {
    const [author, viewer] = [await insist(() => world.person()), await insist(() => world.person())];
    await insist(() => world.awake(author, viewer));
    return { author, viewer };
  };

  const post = async (authorId: string, requestId = newId()) =>
    (await insist(() => posts.createPost(admin(), { authorId, text: 'Hello', requestId }))).post!.postId;

  const setPrivate = (userId: string, isPrivate: boolean, requestId = newId()) =>
    insist(() => users.updateUser(admin(), { userId, changes: { isPrivate }, updateMask: ['is_private'], requestId }));

  const follow = (followerId: string, followeeId: string, requestId = newId()) =>
    insist(() => graph.follow(admin(), { followerId, followeeId, requestId }));

  const feedIs = (viewerId: string, ids: string[]) =>
    eventually(async () => expect(await world.feed(viewerId)).toEqual(ids), PATIENCE);

  const countsAre = (author: string, viewer: string, count: bigint) =>
    eventually(async () => {
      const { counts } = await graph.batchGetCounts(admin(), { userIds: [author, viewer] });
      expect(counts).toMatchObject([{ followers: count }, { following: count }]);
    }, PATIENCE);

  /** Somebody asks to follow who is private, and is let in when the account goes public. */
  const goPublic = async () => {
    const { author, viewer } = await pair();
    await setPrivate(author, true);
    const id = await post(author);
    expect((await follow(viewer, author)).state).toBe(FollowState.REQUESTED);
    expect(await insist(() => world.feed(viewer))).toEqual([]);
    await setPrivate(author, false);
    await feedIs(viewer, [id]);
    await countsAre(author, viewer, 1n);
  };

  /** A block ends a follow at once, and nothing comes back by itself when it ends. */
  const blockAndForgive = async () => {
    const { author, viewer } = await pair();
    const id = await post(author);
    await follow(viewer, author);
    await feedIs(viewer, [id]);
    const [blockId, unblockId] = [newId(), newId()];
    await insist(() => graph.block(admin(), { userId: author, blockedId: viewer, requestId: blockId }));
    expect(await insist(() => world.feed(viewer))).toEqual([]);
    await countsAre(author, viewer, 0n);
    await insist(() => graph.unblock(admin(), { userId: author, blockedId: viewer, requestId: unblockId }));
    expect(await insist(() => world.feed(viewer))).toEqual([]);
    await follow(viewer, author);
    await feedIs(viewer, [id]);
    await countsAre(author, viewer, 1n);
  };

  return { goPublic, blockAndForgive };
};
