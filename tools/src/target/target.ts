import { join } from 'node:path';

import type { Env, Tls } from '@plaza/core';
import { PROCESSES, ROOT, SERVICES, testerCredentials, type Endpoints, type ProcessName, type ServiceName } from '@plaza/testing';

import { readPlaces, tlsOf } from '../launcher/home.ts';
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
  readonly tls: Tls | undefined;
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

export const findTarget = (env: Env): Target => {
  const home = env['PLAZA_HOME'] || join(ROOT, '.plaza');
  const named = SERVICES.some((name) => env[ADDRESS[name]]);
  // Whoever names one address means another Plaza: nothing of this machine's may be mixed into it.
  const places = named ? undefined : readPlaces(home);
  return {
    home,
    local: places !== undefined,
    services: { ...places?.services, ...given(SERVICES, (name) => env[ADDRESS[name]]) },
    admin: { ...places?.admin, ...given(PROCESSES, (name) => env[adminVariable(name)]) },
    engines: {
      ...places?.engines,
      ...(env['DYNAMODB_ENDPOINT'] && { dynamodbEndpoint: env['DYNAMODB_ENDPOINT'] }),
      ...(env['REDIS_URL'] && { redisUrl: env['REDIS_URL'] }),
      ...(env['NATS_URL'] && { natsUrl: env['NATS_URL'] }),
    },
    namespace: env['NAMESPACE'] ?? places?.namespace ?? '',
    tls: givenTls(env) ?? tlsOf(places, 'operator'),
    natsCredsFile: env['NATS_CREDS_FILE'] || (places && testerCredentials()),
    tokenOf: createTokens(env, named ? undefined : home),
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

const givenTls = (env: Env): Tls | undefined => {
  const [certFile, keyFile, caFile] = [env['TLS_CERT_FILE'], env['TLS_KEY_FILE'], env['TLS_CA_FILE']];
  if (!certFile && !keyFile && !caFile) return undefined;
  if (!certFile || !keyFile || !caFile)
    throw new Trouble('half of TLS is configured', ['set TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE, or none of them']);
  return { certFile, keyFile, caFile };
};
