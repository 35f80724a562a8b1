import { join } from 'node:path';

import type { Env, Tls } from '@plaza/core';
import {
  asOperator,
  PROCESSES,
  ROOT,
  SERVICES,
  type Endpoints,
  type PeerName,
  type ProcessName,
  type ServiceName,
} from '@plaza/testing';

import { readPlaces, tlsOf, type Places } from '../launcher/home.ts';
import { createTokens, type TokenOf } from './tokens.ts';
import { Trouble } from './trouble.ts';

/** The Plaza that a tool talks to: the one of this machine, or whatever the environment names. */
export interface Target {
  /** Where the launcher keeps what outlives a run. */
  readonly home: string;
  /** Whether the launcher has run here. */
  readonly local: boolean;
  readonly services: Partial<Record<ServiceName, string>>;
  readonly admin: Partial<Record<ProcessName, string>>;
  readonly engines: Partial<Endpoints>;
  readonly namespace: string;
  /** The certificate that is shown; a service's token goes with that service's own. Undefined where plaintext is spoken. */
  readonly tlsAs: (peer: PeerName) => Tls | undefined;
  /** DynamoDB's names of tables that have another than the declared one. */
  readonly tableNames: Readonly<Record<string, string>> | undefined;
  readonly natsCredsFile: string | undefined;
  readonly tokenOf: TokenOf;
}

/** Variables as services read them. */
const ADDRESS: Readonly<Record<ServiceName, string>> = {
  user: 'USER_ADDRESS',
  product: 'PRODUCT_ADDRESS',
  order: 'ORDER_ADDRESS',
  'social-graph': 'GRAPH_ADDRESS',
  feed: 'FEED_ADDRESS',
};

/** USER_ADMIN, SOCIAL_GRAPH_ADMIN, FEED_WORKER_ADMIN: host:port of a process's admin port. */
export const adminVariable = (name: ProcessName): string => `${name.toUpperCase().replaceAll('-', '_')}_ADMIN`;

const ENGINES = ['dynamodbEndpoint', 'redisUrl', 'natsUrl'] as const;
const ENGINE: Readonly<Record<(typeof ENGINES)[number], string>> = {
  dynamodbEndpoint: 'DYNAMODB_ENDPOINT',
  redisUrl: 'REDIS_URL',
  natsUrl: 'NATS_URL',
};

/** Whoever names an address that is none of this machine's Plaza means another one. */
const namesAnother = (env: Env, { services, admin, engines }: Places): boolean =>
  [
    ...SERVICES.map((name) => [env[ADDRESS[name]], services[name]]),
    ...PROCESSES.map((name) => [env[adminVariable(name)], admin[name]]),
    ...ENGINES.map((name) => [env[ENGINE[name]], engines[name]]),
  ].some(([named, ours]) => named && named !== ours);

export const findTarget = (env: Env): Target => {
  const home = env['PLAZA_HOME'] || join(ROOT, '.plaza');
  const here = readPlaces(home);
  // Nothing of this machine's may be mixed into another Plaza.
  const places = here && !namesAnother(env, here) ? here : undefined;
  const namespace = env['NAMESPACE'] ?? places?.namespace ?? '';
  const ours = places && asOperator({ ...places.engines, namespace });
  const givenFiles = givenTls(env);
  return {
    home,
    local: places !== undefined,
    services: { ...places?.services, ...given(SERVICES, (name) => env[ADDRESS[name]]) },
    admin: { ...places?.admin, ...given(PROCESSES, (name) => env[adminVariable(name)]) },
    engines: {
      ...(ours && given(ENGINES, (name) => ours[name])),
      ...given(ENGINES, (name) => env[ENGINE[name]]),
    },
    namespace,
    tlsAs: (peer) => givenFiles ?? tlsOf(places, peer),
    tableNames: givenNames(env['TABLE_NAMES']),
    natsCredsFile: env['NATS_CREDS_FILE'] || ours?.natsCredsFile,
    tokenOf: createTokens(env, places && home),
  };
};

export const addressOf = (target: Target, service: ServiceName): string => {
  const address = target.services[service];
  if (address === undefined)
    throw new Trouble(`where is the service ${service}?`, [
      `the Plaza of this machine: npm start, and ask again beside it (${join(target.home, 'addresses.json')} is not there)`,
      `another one: ${ADDRESS[service]}=host:port`,
    ]);
  return address;
};

const given = <N extends string>(names: readonly N[], find: (name: N) => string | undefined): Partial<Record<N, string>> =>
  Object.fromEntries(names.flatMap((name) => (find(name) ? [[name, find(name)]] : []))) as Partial<Record<N, string>>;

const givenNames = (text: string | undefined): Target['tableNames'] => {
  if (!text) return undefined;
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    throw new Trouble('TABLE_NAMES is no JSON', ['as the services have it: {"users":"users-r1"}']);
  }
};

const givenTls = (env: Env): Tls | undefined => {
  const [certFile, keyFile, caFile] = [env['TLS_CERT_FILE'], env['TLS_KEY_FILE'], env['TLS_CA_FILE']];
  if (!certFile && !keyFile && !caFile) return undefined;
  if (!certFile || !keyFile || !caFile)
    throw new Trouble('half of TLS is configured', ['set TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE, or none of them']);
  return { certFile, keyFile, caFile };
};
