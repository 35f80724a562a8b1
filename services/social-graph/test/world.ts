import { graphClients, eventAdminClient, type EventAdminClient, type GraphClients } from '@plaza/clients';
import { AppError, isAppError, newId, noMetrics, remainingMs, silentLog, type Clock, type Context } from '@plaza/core';
import { User, UserServiceDefinition, type ReportErasureRequest } from '@plaza/proto/plaza/user/v1/user_service';
import {
  startEngines,
  bindSome,
  startEventSource,
  startPeer,
  testContext,
  testKeys,
  uniqueNamespace,
  type Endpoints,
  type EventSource,
  type Peer,
  asItself,
} from '@plaza/testing';

import { createApp, type App } from '../src/app.ts';
import type { GraphConfig } from '../src/config.ts';
import { PUBLIC, type Standing } from '../src/domain/tie.ts';
import { createStandingStore } from '../src/store/standing-store.ts';
import { graph as graphTable, keys, listedId, listOf } from '../src/store/table.ts';

/** The graph service with real engines behind it and a user service in which everybody exists but those of `strangers`. */
export interface World {
  readonly graph: GraphClients['graph'];
  /** The same for a caller who tries once. */
  readonly hasty: GraphClients['graph'];
  readonly events: EventAdminClient;
  readonly app: App;
  readonly strangers: Set<string>;
  /** The user service answers nothing while this is set. */
  readonly away: { user: boolean };
  /** What was reported to the user service. */
  readonly reports: ReportErasureRequest[];
  /** Publishes what the user service would. */
  readonly userEvents: EventSource;
  /** Tells how a person stands to the public, as of the next version of the profile; answers that version. */
  stand(userId: string, standing: Partial<Standing>): Promise<number>;
  /** Whether there is a row for each direction of the edge. */
  edge(followerId: string, followeeId: string): Promise<[out: boolean, into: boolean]>;
  close(): Promise<void>;
}

export const startWorld = async (overrides: Partial<GraphConfig> = {}, clock: { now?: Clock } = {}): Promise<World> => {
  await using opened = new AsyncDisposableStack();
  const engines = opened.adopt(await startEngines(), (it) => it.close());
  const strangers = new Set<string>();
  const away = { user: false };
  const reports: ReportErasureRequest[] = [];
  const peer = opened.adopt(await startUserPeer(strangers, away, reports), (it) => it.close());
  const config = asItself('social-graph', { ...configOf(engines, peer), ...overrides });
  const app = opened.adopt(await createApp(config, clock), (it) => it.close());
  const target = { address: `127.0.0.1:${app.port}`, token: testKeys().tokenOf, log: silentLog, metrics: noMetrics };
  const clients = opened.adopt(graphClients(target), (it) => it.close());
  const graph = patient(clients.graph);
  const events = opened.adopt(eventAdminClient(target), (it) => it.close());
  const { natsUrl, namespace } = config;
  const userEvents = opened.adopt(startEventSource({ natsUrl, namespace, owner: 'user' }), (it) => it.close());
  const standings = createStandingStore({ db: app.db });
  let profiles = 0;
  const running = opened.move();
  return {
    graph,
    hasty: clients.graph,
    events,
    app,
    strangers,
    away,
    reports,
    userEvents,
    stand: async (userId, standing) => {
      await standings.set(testContext(), userId, ++profiles, { ...PUBLIC, ...standing });
      return profiles;
    },
    edge: async (a, b) => {
      const ctx = testContext();
      const row = await app.db.get(ctx, graphTable, keys.following(a, b));
      const { items } = await app.db.query(ctx, graphTable, { pk: listOf('FR', b) });
      return [row !== undefined, items.some(({ sk }) => listedId(sk) === a)];
    },
    close: () => running.disposeAsync(),
  };
};

/**
 * Callers as they should be: who hears nothing in time, as on a busy machine, or loses a race, sends the same again. Streams pass
 * as they are.
 */
const patient = (graph: GraphClients['graph']): GraphClients['graph'] => ({
  ...graph,
  follow: (ctx, request) => insist(ctx, request, graph.follow),
  unfollow: (ctx, request) => insist(ctx, request, graph.unfollow),
  removeFollower: (ctx, request) => insist(ctx, request, graph.removeFollower),
  approveFollowRequest: (ctx, request) => insist(ctx, request, graph.approveFollowRequest),
  rejectFollowRequest: (ctx, request) => insist(ctx, request, graph.rejectFollowRequest),
  block: (ctx, request) => insist(ctx, request, graph.block),
  unblock: (ctx, request) => insist(ctx, request, graph.unblock),
  mute: (ctx, request) => insist(ctx, request, graph.mute),
  unmute: (ctx, request) => insist(ctx, request, graph.unmute),
  setStanding: (ctx, request) => insist(ctx, request, graph.setStanding),
});

const insist = async <Q extends object, R>(
  ctx: Context,
  request: Q,
  call: (ctx: Context, request: Q) => Promise<R>,
): Promise<R> => {
  const repeatable = { requestId: newId(), ...request };
  for (;;) {
    try {
      return await call(ctx, repeatable);
    } catch (error) {
      const passing = isAppError(error) && ['DEADLINE_EXCEEDED', 'ABORTED', 'UNAVAILABLE'].includes(error.code);
      if (!passing || remainingMs(ctx) < 100) throw error;
    }
  }
};

const startUserPeer = (
  strangers: ReadonlySet<string>,
  away: { readonly user: boolean },
  reports: ReportErasureRequest[],
): Promise<Peer> => {
  const answer = () => {
    if (away.user) throw new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'the test said so', { domain: 'plaza' });
  };
  return startPeer(
    bindSome(UserServiceDefinition, {
      batchGetUsers: async (_ctx, { userIds }) => {
        answer();
        return {
          users: userIds.filter((id) => !strangers.has(id)).map((userId) => User.fromPartial({ userId })),
          missingIds: userIds.filter((id) => strangers.has(id)),
        };
      },
      reportErasure: async (_ctx, report) => {
        answer();
        reports.push(report);
        return {};
      },
    }),
  );
};

const configOf = (engines: Endpoints, peer: Peer): GraphConfig => ({
  ...engines,
  listen: '127.0.0.1:0',
  adminListen: '127.0.0.1:0',
  allowPlaintext: false,
  reflection: true,
  logLevel: 'silent',
  namespace: uniqueNamespace(),
  createTables: true,
  awsRegion: 'us-east-1',
  // A database of its own: DynamoDB Local works those side by side.
  awsAccessKeyId: uniqueNamespace(),
  signingKey: testKeys().keyring.signingKeys['social-graph']!,
  verifyKeys: testKeys().keyring.verifyKeys,
  pageSecret: newId(),
  crashAt: undefined,
  userAddress: peer.address,
  followLimit: 5_000,
  rateLimits: 0,
});

export const people = (n: number): string[] => Array.from({ length: n }, () => newId());
