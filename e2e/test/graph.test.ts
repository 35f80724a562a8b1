import { isAppError, newId, type Context } from '@plaza/core';
import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
import { FollowState } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startWorld, type World } from '../src/world.ts';

// Who may see whom, through all services: whatever was acknowledged holds in every read that begins later.
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const anyone = () => testContext({ timeoutMs: 20_000 });
const ROUNDS = 5;

/** Somebody with a post, and a follower who has it in the feed. */
const couple = async () => {
  const [author, viewer] = [await world.person(), await world.person()];
  await world.follow(viewer, author);
  const postId = await world.post(author);
  await eventually(async () => expect(await world.feed(viewer)).toEqual([postId]), { timeoutMs: 20_000 });
  return { author, viewer, postId };
};

/** What a reader can see of an author: the post by its id, the author's list, and the home feed of who has one. */
const sees = async (ctx: Context, { author, postId }: { author: string; postId: string }) => {
  const { posts } = world.plaza.clients;
  const one = await posts.getPost(ctx, { postId }).catch((error: unknown) => {
    if (isAppError(error, 'POST_NOT_FOUND')) return undefined;
    throw error;
  });
  const { posts: list } = await posts.listPosts(ctx, { authorId: author });
  const feed = ctx.caller.kind === 'user' ? await world.feed(ctx.caller.userId) : [];
  return [one !== undefined, list.length > 0, feed.includes(postId)];
};

const setPrivate = (userId: string, isPrivate: boolean, requestId = newId()) =>
  world.plaza.clients.users.updateUser(world.plaza.asUser(userId, 20_000), {
    userId,
    changes: { isPrivate },
    updateMask: ['is_private'],
    requestId,
  });

const ALL = [true, true, true];
const NONE = [false, false, false];

describe('from one read to the next', () => {
  test('who blocks is gone for the blocked, and the other way round, from either side', async () => {
    const { author, viewer, postId } = await couple();
    const { graph } = world.plaza.clients;
    const back = await world.post(viewer);
    for (let round = 0; round < ROUNDS; round++) {
      const [one, other] = round % 2 === 0 ? [author, viewer] : [viewer, author];
      await graph.block(world.plaza.asUser(one), { userId: one, blockedId: other, requestId: newId() });
      expect(await sees(world.plaza.asUser(viewer), { author, postId })).toEqual(NONE);
      expect((await sees(world.plaza.asUser(author), { author: viewer, postId: back })).slice(0, 2)).toEqual([false, false]);
      expect(await sees(anyone(), { author, postId })).toEqual([true, true, false]);
      await graph.unblock(world.plaza.asUser(one), { userId: one, blockedId: other, requestId: newId() });
      await world.follow(viewer, author);
      await eventually(async () => expect(await sees(world.plaza.asUser(viewer), { author, postId })).toEqual(ALL), {
        timeoutMs: 20_000,
      });
    }
  });

  test('who is muted is out of the feed, and still there for who asks', async () => {
    const { author, viewer, postId } = await couple();
    const { graph } = world.plaza.clients;
    const mute = { userId: viewer, mutedId: author };
    for (let round = 0; round < ROUNDS; round++) {
      await graph.mute(world.plaza.asUser(viewer), { ...mute, scope: MuteScope.ALL, requestId: newId() });
      expect(await sees(world.plaza.asUser(viewer), { author, postId })).toEqual([true, true, false]);
      await graph.unmute(world.plaza.asUser(viewer), { ...mute, requestId: newId() });
      expect(await sees(world.plaza.asUser(viewer), { author, postId })).toEqual(ALL);
    }
  });

  test('who goes private stays for followers alone; who then leaves, or is removed, sees nothing', async () => {
    const { author, viewer, postId } = await couple();
    const stranger = await world.person();
    for (let round = 0; round < ROUNDS; round++) {
      await setPrivate(author, true);
      expect(await sees(world.plaza.asUser(viewer), { author, postId })).toEqual(ALL);
      expect(await sees(world.plaza.asUser(stranger), { author, postId })).toEqual(NONE);
      expect(await sees(anyone(), { author, postId })).toEqual(NONE);
      await setPrivate(author, false);
      expect(await sees(world.plaza.asUser(stranger), { author, postId })).toEqual([true, true, false]);
    }
    await setPrivate(author, true);
    await world.plaza.clients.graph.removeFollower(world.plaza.asUser(author), {
      userId: author,
      followerId: viewer,
      requestId: newId(),
    });
    expect(await sees(world.plaza.asUser(viewer), { author, postId })).toEqual(NONE);
  });
});

test('who asked to follow is a follower from the moment the account is public', async () => {
  const [author, viewer] = [await world.person(), await world.person()];
  const { graph } = world.plaza.clients;
  await setPrivate(author, true);
  const postId = await world.post(author);
  const asked = await graph.follow(world.plaza.asUser(viewer), { followerId: viewer, followeeId: author, requestId: newId() });
  expect(asked.state).toBe(FollowState.REQUESTED);
  expect(await sees(world.plaza.asUser(viewer), { author, postId })).toEqual(NONE);
  const { requests } = await graph.listFollowRequests(world.plaza.asUser(author), { userId: author });
  expect(requests.map(({ followerId }) => followerId)).toEqual([viewer]);
  await setPrivate(author, false);
  const { relationships } = await graph.batchGetRelationships(world.plaza.asUser(viewer), {
    viewerId: viewer,
    userIds: [author],
  });
  expect(relationships).toMatchObject([{ following: FollowState.ACTIVE }]);
  expect(await graph.listFollowRequests(world.plaza.asUser(author), { userId: author })).toMatchObject({ requests: [] });
  await eventually(async () => expect(await sees(world.plaza.asUser(viewer), { author, postId })).toEqual(ALL), {
    timeoutMs: 20_000,
  });
});

test('while the graph is away nobody goes private unheard: the call says so, and its repetition completes it', async () => {
  const { author, postId } = await couple();
  const stranger = await world.person();
  const requestId = newId();
  await world.plaza.process('social-graph').stop();
  try {
    const refused = await world.plaza.clients.users
      .updateUser(world.plaza.asUser(author, 2_000), {
        userId: author,
        changes: { isPrivate: true },
        updateMask: ['is_private'],
        requestId,
      })
      .catch((error: unknown) => error);
    expect(isAppError(refused) && ['UNAVAILABLE', 'DEADLINE_EXCEEDED'].includes(refused.code)).toBe(true);
  } finally {
    await world.plaza.process('social-graph').restart();
  }
  await eventually(() => setPrivate(author, true, requestId), { timeoutMs: 20_000 });
  expect(await sees(world.plaza.asUser(stranger), { author, postId })).toEqual(NONE);
});
