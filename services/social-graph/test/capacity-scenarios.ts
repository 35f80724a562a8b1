import { newId } from '@plaza/core';
import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
import { asAdmin, asService, asUser, testContext, type Scenario } from '@plaza/testing';

import { graph as graphTable, keys } from '../src/store/table.ts';
import { people, type World } from './world.ts';

const LONG = 30_000;
const PAGE = 20;

/** The ordinary case of each RPC, in the order of the service, with nothing cached. Pages are of 20, batches of 20. */
export const scenariosOf = (world: World): Record<string, Scenario> => {
  const { graph, app } = world;
  const request = <T extends object>(body: T) => ({ ...body, requestId: newId() });
  const pair = () => people(2) as [string, string];
  const follow = async (followerId: string, followeeId: string) => {
    await graph.follow(asUser(followerId, LONG), request({ followerId, followeeId }));
  };
  const asked = async () => {
    const [userId, followerId] = pair();
    await world.stand(userId, { isPrivate: true });
    await follow(followerId, userId);
    return { userId, followerId };
  };
  /** Lists of somebody, longer than a page. */
  const listed = async () => {
    const [userId, ...others] = people(PAGE + 6) as [string, ...string[]];
    await world.stand(userId, { isPrivate: true });
    await app.db.batchWrite(testContext({ timeoutMs: LONG }), graphTable, {
      put: others.flatMap((other, i) => [
        { ...keys.follower(userId, i, other), at: i },
        { ...keys.followee(userId, i, other), at: i },
        { ...keys.requester(userId, i, other), at: i },
        { ...keys.block(userId, i, other), at: i },
        { ...keys.mute(userId, i, other), at: i, scope: 'ALL' },
      ]),
    });
    return userId;
  };
  /** Somebody who follows 20, of whom each follows 5 others. */
  const sociable = async () => {
    const [userId, ...friends] = people(PAGE + 1) as [string, ...string[]];
    const strangers = people(5);
    for (const friend of friends) await follow(userId, friend);
    await app.db.batchWrite(testContext({ timeoutMs: LONG }), graphTable, {
      put: friends.flatMap((friend) =>
        strangers.flatMap((stranger, i) => [
          { ...keys.followee(friend, i + 1, stranger), at: i },
          { ...keys.following(friend, stranger), version: i + 1, at: i },
        ]),
      ),
    });
    return { userId, strangers };
  };
  const owned = (call: 'listFollowRequests' | 'listBlocks' | 'listMutes' | 'listFollowers' | 'listFollowing') => async () => {
    const userId = await listed();
    return () => graph[call](asUser(userId), { userId });
  };

  const scenarios: Record<string, Scenario> = {
    Follow: async () => {
      const [followerId, followeeId] = pair();
      return () => graph.follow(asUser(followerId), request({ followerId, followeeId }));
    },
    Unfollow: async () => {
      const [followerId, followeeId] = pair();
      await follow(followerId, followeeId);
      return () => graph.unfollow(asUser(followerId), request({ followerId, followeeId }));
    },
    RemoveFollower: async () => {
      const [userId, followerId] = pair();
      await follow(followerId, userId);
      return () => graph.removeFollower(asUser(userId), request({ userId, followerId }));
    },
    ListFollowers: owned('listFollowers'),
    ListFollowing: owned('listFollowing'),
    ListFollowRequests: owned('listFollowRequests'),
    ApproveFollowRequest: async () => {
      const ids = await asked();
      return () => graph.approveFollowRequest(asUser(ids.userId), request(ids));
    },
    RejectFollowRequest: async () => {
      const ids = await asked();
      return () => graph.rejectFollowRequest(asUser(ids.userId), request(ids));
    },
    Block: async () => {
      const [userId, blockedId] = pair();
      await follow(userId, blockedId);
      await follow(blockedId, userId);
      return () => graph.block(asUser(userId), request({ userId, blockedId }));
    },
    Unblock: async () => {
      const [userId, blockedId] = pair();
      await graph.block(asUser(userId), request({ userId, blockedId }));
      return () => graph.unblock(asUser(userId), request({ userId, blockedId }));
    },
    ListBlocks: owned('listBlocks'),
    Mute: async () => {
      const [userId, mutedId] = pair();
      return () => graph.mute(asUser(userId), request({ userId, mutedId, scope: MuteScope.ALL }));
    },
    Unmute: async () => {
      const [userId, mutedId] = pair();
      await graph.mute(asUser(userId), request({ userId, mutedId, scope: MuteScope.ALL }));
      return () => graph.unmute(asUser(userId), request({ userId, mutedId }));
    },
    ListMutes: owned('listMutes'),
    BatchGetRelationships: async () => {
      const { userId: viewerId } = await sociable();
      return () => graph.batchGetRelationships(asUser(viewerId), { viewerId, userIds: people(PAGE) });
    },
    CheckVisibility: async () => {
      const { userId: viewerId } = await sociable();
      const authorIds = people(200);
      // What the service has looked at before costs the verification alone.
      await graph.checkVisibility(asService('feed'), { viewerId, authorIds });
      return () => graph.checkVisibility(asService('feed'), { viewerId, authorIds });
    },
    BatchGetCounts: async () => () => graph.batchGetCounts(testContext(), { userIds: people(PAGE) }),
    ListMutuals: async () => {
      const { userId: viewerId, strangers } = await sociable();
      return () => graph.listMutuals(asUser(viewerId), { viewerId, userId: strangers[0]! });
    },
    SuggestFollows: async () => {
      const { userId } = await sociable();
      return () => graph.suggestFollows(asUser(userId), { userId });
    },
    StreamFollowers: async () => {
      const authorId = await listed();
      return async () => {
        for await (const _ of graph.streamFollowers(asService('feed'), { authorId }));
      };
    },
    StreamFollowing: async () => {
      const { userId: followerId } = await sociable();
      return async () => {
        for await (const _ of graph.streamFollowing(asService('feed'), { followerId }));
      };
    },
    CheckAudience: async () => {
      const authorId = newId();
      const viewerIds = people(200);
      // Followers all: rows that are not there count in DynamoDB, but not here.
      const put = viewerIds.map((viewerId) => ({ ...keys.following(viewerId, authorId), at: 0 }));
      await app.db.batchWrite(testContext({ timeoutMs: LONG }), graphTable, { put });
      await graph.checkAudience(asService('feed'), { authorId, viewerIds });
      return () => graph.checkAudience(asService('feed'), { authorId, viewerIds });
    },
    ImportFollows: async () => {
      const [followerId, ...followeeIds] = people(33) as [string, ...string[]];
      const messages = async function* () {
        yield { followerId, followeeIds };
      };
      return () => graph.importFollows(asAdmin(), messages());
    },
    GetImport: async () => {
      const [followerId, followeeId] = pair();
      const importId = newId();
      const messages = async function* () {
        yield { followerId, followeeIds: [followeeId], importId };
      };
      await graph.importFollows(asAdmin(), messages());
      return () => graph.getImport(asAdmin(), { importId });
    },
    RepairCounts: async () => {
      const userId = await listed();
      return () => graph.repairCounts(asAdmin(), { userIds: [userId] });
    },
    SetStanding: async () => {
      const userId = newId();
      return () => graph.setStanding(asService('user'), { userId, version: 2n, isPrivate: true });
    },
  };
  return Object.fromEntries(Object.entries(scenarios).map(([rpc, scenario]) => [`SocialGraphService/${rpc}`, scenario]));
};
