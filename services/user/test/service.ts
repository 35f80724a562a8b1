import { userClients, type UserClients } from '@plaza/clients';
import { AppError, noMetrics, silentLog, type Clock } from '@plaza/core';
import { SocialGraphServiceDefinition, type SetStandingRequest } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { bindSome, startEngines, startPeer, testKeys, uniqueNamespace, type Peer, asItself } from '@plaza/testing';

import { createApp, type App } from '../src/app.ts';
import type { UserConfig } from '../src/config.ts';
import { patient } from './patient.ts';

export interface Service extends Omit<UserClients, 'close'> {
  readonly app: App;
  readonly config: UserConfig;
  /** For clients of other definitions: EventAdminService. */
  readonly address: string;
  /** What the graph was told last of each person. */
  readonly standings: ReadonlyMap<string, SetStandingRequest>;
  /** The graph answers nothing while this is set. */
  readonly away: { graph: boolean };
  close(): Promise<void>;
}

/** The whole service on real engines, in this process, with tables, keys and streams of its own. The context decides who calls. */
export const startService = async (changes: Partial<UserConfig> = {}, overrides: { now?: Clock } = {}): Promise<Service> => {
  const engines = await startEngines();
  const { signingKeys, verifyKeys } = testKeys().keyring;
  const standings = new Map<string, SetStandingRequest>();
  const away = { graph: false };
  const peer = await startGraphPeer(standings, away);
  const config = asItself<UserConfig>('user', {
    listen: '127.0.0.1:0',
    adminListen: '127.0.0.1:0',
    allowPlaintext: false,
    reflection: false,
    logLevel: 'silent',
    namespace: uniqueNamespace(),
    createTables: true,
    dynamodbEndpoint: engines.dynamodbEndpoint,
    awsRegion: 'us-east-1',
    awsAccessKeyId: 'user',
    redisUrl: engines.redisUrl,
    natsUrl: engines.natsUrl,
    signingKey: signingKeys['user']!,
    verifyKeys,
    pageSecret: 'test',
    crashAt: undefined,
    graphAddress: peer.address,
    hashWorkers: 2,
    rateLimits: 0,
    devAdminToken: false,
    ...changes,
  });
  const app = await createApp(config, overrides);
  const address = `127.0.0.1:${app.port}`;
  const clients = userClients({ address, token: testKeys().tokenOf, log: silentLog, metrics: noMetrics });
  const close = async () => {
    clients.close();
    await app.close();
    await peer.close();
    await engines.close();
  };
  const [users, sessions] = [patient(clients.users), patient(clients.sessions)];
  const [wallets, leaderboards] = [patient(clients.wallets), patient(clients.leaderboards)];
  return { users, sessions, wallets, leaderboards, app, config, address, standings, away, close };
};

const startGraphPeer = (standings: Map<string, SetStandingRequest>, away: { readonly graph: boolean }): Promise<Peer> =>
  startPeer(
    bindSome(SocialGraphServiceDefinition, {
      setStanding: async (_ctx, told) => {
        if (away.graph) throw new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'the test said so', { domain: 'plaza' });
        standings.set(told.userId, told);
        return {};
      },
    }),
  );
