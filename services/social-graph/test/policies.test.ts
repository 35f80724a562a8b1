import { newId, type Context } from '@plaza/core';
import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
import { SocialGraphServiceDefinition } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { admittedCallers, asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startWorld, type World } from './world.ts';

// Every RPC by every kind of caller. The table says who is let in; an RPC that is not in it fails the test.
let world: World;
beforeAll(async () => (world = await startWorld()));
afterAll(() => world?.close());

const [OWNER, OTHER, THIRD] = [newId(), newId(), newId()];
const PEERS = ['user', 'product', 'order', 'feed'];
const OWN = ['owner', 'admin'];
const ALL = ['anonymous', 'owner', 'other', 'admin', ...PEERS];

const ADMITTED: Readonly<Record<string, readonly string[]>> = {
  Follow: OWN,
  Unfollow: OWN,
  RemoveFollower: OWN,
  ListFollowers: ALL,
  ListFollowing: ALL,
  ListFollowRequests: OWN,
  ApproveFollowRequest: OWN,
  RejectFollowRequest: OWN,
  Block: OWN,
  Unblock: OWN,
  ListBlocks: OWN,
  Mute: OWN,
  Unmute: OWN,
  ListMutes: OWN,
  BatchGetRelationships: OWN,
  CheckVisibility: ['feed'],
  BatchGetCounts: ALL,
  ListMutuals: OWN,
  SuggestFollows: OWN,
  StreamFollowers: ['feed'],
  StreamFollowing: ['feed'],
  CheckAudience: ['feed'],
  ImportFollows: ['admin'],
  GetImport: ['admin'],
  RepairCounts: ['admin'],
  SetStanding: ['user'],
};

const CALLERS: Readonly<Record<string, () => Context>> = {
  anonymous: () => testContext({ caller: { kind: 'anonymous' } }),
  owner: () => asUser(OWNER),
  other: () => asUser(OTHER),
  admin: () => asAdmin(),
  ...Object.fromEntries(PEERS.map((peer) => [peer, () => asService(peer, OWNER)])),
};

const CELLS = Object.entries(SocialGraphServiceDefinition.methods).map(([key, { name }]) => ({ rpc: name, key }));

test('the table names every RPC', () => {
  expect(Object.keys(ADMITTED)).toEqual(CELLS.map(({ rpc }) => rpc));
});

test.each(CELLS)('$rpc', { timeout: 60_000 }, async ({ rpc, key }) => {
  const call = STREAMS[key] ?? (world.graph as unknown as Record<string, Call>)[key]!;
  expect(await admittedCallers(CALLERS, (ctx) => call(ctx, BODIES[key] ?? { userId: OWNER }))).toEqual(ADMITTED[rpc]);
});

type Call = (ctx: Context, body: object) => Promise<unknown>;

const STREAMS: Readonly<Record<string, Call>> = {
  // A stream says nothing before it is read.
  streamFollowers: async (ctx, body) => {
    for await (const _ of world.graph.streamFollowers(ctx, body));
  },
  streamFollowing: async (ctx, body) => {
    for await (const _ of world.graph.streamFollowing(ctx, body));
  },
  importFollows: (ctx, body) =>
    world.graph.importFollows(
      ctx,
      (async function* () {
        yield body;
      })(),
    ),
};

/** Valid, of the owner where it names somebody. */
const BODIES: Readonly<Record<string, object>> = {
  follow: { followerId: OWNER, followeeId: THIRD },
  unfollow: { followerId: OWNER, followeeId: THIRD },
  removeFollower: { userId: OWNER, followerId: THIRD },
  approveFollowRequest: { userId: OWNER, followerId: THIRD },
  rejectFollowRequest: { userId: OWNER, followerId: THIRD },
  block: { userId: OWNER, blockedId: newId() },
  unblock: { userId: OWNER, blockedId: newId() },
  mute: { userId: OWNER, mutedId: THIRD, scope: MuteScope.ALL },
  unmute: { userId: OWNER, mutedId: THIRD },
  batchGetRelationships: { viewerId: OWNER, userIds: [THIRD] },
  checkVisibility: { viewerId: OWNER, authorIds: [THIRD] },
  batchGetCounts: { userIds: [OWNER] },
  listMutuals: { viewerId: OWNER, userId: THIRD },
  streamFollowers: { authorId: OWNER },
  streamFollowing: { followerId: OWNER },
  checkAudience: { authorId: OWNER, viewerIds: [THIRD] },
  importFollows: { followerId: OWNER, followeeIds: [THIRD] },
  getImport: { importId: newId() },
  repairCounts: { userIds: [OWNER] },
  setStanding: { userId: newId(), version: 1n },
};
