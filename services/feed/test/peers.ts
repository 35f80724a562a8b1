import { AppError, noMetrics, silentLog, type Metrics } from '@plaza/core';
import { createMemoryDb, createOutboxStore, defineTable, insert } from '@plaza/dynamo';
import {
  createRelay,
  followCreated,
  followRemoved,
  followsImported,
  outboxRow,
  type EventType,
  type OutboxRow,
} from '@plaza/events';
import { FollowEnd } from '@plaza/proto/plaza/graph/v1/events';
import { SocialGraphServiceDefinition, Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { ProductServiceDefinition, type Product } from '@plaza/proto/plaza/product/v1/product_service';
import { UserServiceDefinition, type ReportErasureRequest, type User } from '@plaza/proto/plaza/user/v1/user_service';
import { type Handlers } from '@plaza/rpc';
import { bindSome, startPeer, testContext, testerBus } from '@plaza/testing';

/** Made-up peers: what a test says is so. They answer over real gRPC, under the real policies and limits. */
export interface PeerWorld {
  readonly users: Map<string, User>;
  readonly products: Map<string, Product>;
  /** viewer → authors */
  readonly following: Map<string, Set<string>>;
  /** "viewer author" */
  readonly hidden: Set<string>;
  readonly muted: Set<string>;
  readonly away: { user: boolean; product: boolean; graph: boolean };
  /** Runs when the graph has read and not yet answered: a place to let something else happen in between. */
  hooks: { streamFollowers?: () => Promise<void>; checkVisibility?: () => Promise<void> };
  /** What was reported to the user service. */
  readonly reports: ReportErasureRequest[];
  /** How many follow somebody, where that is not to be counted. */
  readonly followers: Map<string, number>;
  readonly calls: { checkVisibility: number; checkAudience: number; streamFollowers: number };
}

export const newPeerWorld = (): PeerWorld => ({
  users: new Map(),
  products: new Map(),
  following: new Map(),
  hidden: new Set(),
  muted: new Set(),
  away: { user: false, product: false, graph: false },
  hooks: {},
  reports: [],
  followers: new Map(),
  calls: { checkVisibility: 0, checkAudience: 0, streamFollowers: 0 },
});

export const startPeers = (world: PeerWorld) =>
  startPeer(
    bindSome(UserServiceDefinition, userHandlers(world)),
    bindSome(ProductServiceDefinition, productHandlers(world)),
    bindSome(SocialGraphServiceDefinition, graphHandlers(world)),
  );

const gone = () => new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'the test said so', { domain: 'plaza' });

const userHandlers = ({ users, reports, away }: PeerWorld): Partial<Handlers<UserServiceDefinition>> => ({
  batchGetUsers: async (_ctx, { userIds }) => {
    if (away.user) throw gone();
    return {
      users: userIds.flatMap((id) => users.get(id) ?? []),
      missingIds: userIds.filter((id) => !users.has(id)),
    };
  },
  getUser: async (_ctx, { by }) => {
    if (away.user) throw gone();
    const user = [...users.values()].find(({ username }) => username === by?.value);
    if (!user) throw new AppError('NOT_FOUND', 'USER_NOT_FOUND', 'there is no such user');
    return { user };
  },
  reportErasure: async (_ctx, report) => {
    if (away.user) throw gone();
    reports.push(report);
    return {};
  },
});

const productHandlers = ({ products, away }: PeerWorld): Partial<Handlers<ProductServiceDefinition>> => ({
  batchGetProducts: async (_ctx, { productIds }) => {
    if (away.product) throw gone();
    return {
      products: productIds.flatMap((id) => products.get(id) ?? []),
      missingIds: productIds.filter((id) => !products.has(id)),
    };
  },
});

const verdictOf = ({ hidden, muted }: PeerWorld, pair: string): Visibility =>
  hidden.has(pair) ? Visibility.HIDDEN : muted.has(pair) ? Visibility.MUTED : Visibility.VISIBLE;

const graphHandlers = (world: PeerWorld): Partial<Handlers<SocialGraphServiceDefinition>> => ({
  checkVisibility: async (_ctx, { viewerId, authorIds }) => {
    world.calls.checkVisibility++;
    if (world.away.graph) throw gone();
    const authors = authorIds.map((authorId) => ({
      authorId,
      visibility: verdictOf(world, `${viewerId} ${authorId}`),
      following: world.following.get(viewerId)?.has(authorId) ?? false,
      repostsMuted: false,
    }));
    await world.hooks.checkVisibility?.();
    return { authors, epoch: '' };
  },
  checkAudience: async (_ctx, { authorId, viewerIds }) => {
    world.calls.checkAudience++;
    if (world.away.graph) throw gone();
    const viewers = viewerIds.map((viewerId) => ({
      viewerId,
      visibility: verdictOf(world, `${viewerId} ${authorId}`),
      following: world.following.get(viewerId)?.has(authorId) ?? false,
      repostsMuted: false,
    }));
    return { viewers };
  },
  batchGetCounts: async (_ctx, { userIds }) => {
    if (world.away.graph) throw gone();
    const followersOf = (userId: string) =>
      world.followers.get(userId) ?? [...world.following.values()].filter((authors) => authors.has(userId)).length;
    return { counts: userIds.map((userId) => ({ userId, followers: BigInt(followersOf(userId)), following: 0n })) };
  },
  streamFollowers: async function* (_ctx, { authorId }) {
    world.calls.streamFollowers++;
    if (world.away.graph) throw gone();
    const followers = [...world.following].flatMap(([viewer, authors]) => (authors.has(authorId) ? [viewer] : [])).sort();
    await world.hooks.streamFollowers?.();
    for (let i = 0; i < followers.length; i += 500) yield { followerIds: followers.slice(i, i + 500), resumeToken: '' };
  },
  streamFollowing: async function* (_ctx, { followerId }) {
    if (world.away.graph) throw gone();
    const followees = [...(world.following.get(followerId) ?? [])];
    for (let i = 0; i < followees.length; i += 500) yield { followeeIds: followees.slice(i, i + 500), resumeToken: '' };
  },
});

/** Publishes what the real graph would, by the same outbox and relay, over a table in memory. */
export const startGraphEvents = (options: { natsUrl: string; namespace: string; metrics?: Metrics }) => {
  const about = { log: silentLog, metrics: options.metrics ?? noMetrics };
  const bus = testerBus(options);
  const table = defineTable({ name: 'graph-events' });
  const db = createMemoryDb();
  const relay = createRelay({ bus, owner: 'graph', store: createOutboxStore(db, table), ...about });
  const publish = async <T>(event: EventType<T>, payload: T): Promise<OutboxRow> => {
    const row = outboxRow(event, payload, { aggregateId: 'edge', version: 1, at: Date.now(), trace: '' });
    await db.write(testContext(), insert(table, row));
    relay.nudge([row]);
    return row;
  };
  return {
    bus,
    followed: (followerId: string, followeeId: string) =>
      publish(followCreated, { followerId, followeeId, followTime: new Date() }),
    imported: (followerId: string, followeeIds: string[]) =>
      publish(followsImported, { followerId, followeeIds, followTime: new Date() }),
    /** The same event once more, long after the server forgot its message id. */
    again: async (row: OutboxRow) => {
      await relay.replay(testContext(), row.occurredAt);
    },
    unfollowed: (followerId: string, followeeId: string) =>
      publish(followRemoved, { followerId, followeeId, cause: FollowEnd.UNFOLLOWED }),
    close: async () => {
      await relay.close();
      await bus.close();
    },
  };
};
