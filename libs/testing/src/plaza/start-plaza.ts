import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import type { Context } from '@plaza/core';

import { asAdmin, asUser } from '../context.ts';
import type { Endpoints, EngineName } from '../engines/engine.ts';
import { ROOT } from '../engines/find.ts';
import { guardFolder } from '../processes/guard.ts';
import { freePort } from '../processes/ports.ts';
import { spawnService, type Installation, type ServiceProcess } from '../processes/service.ts';
import { at, createProxy } from '../proxy/proxy.ts';
import type { Proxy } from '../proxy/types.ts';
import { tlsFiles, writeCertificates } from '../security/certificates.ts';
import { plazaClients, type PlazaClients } from './clients.ts';
import { testKeys, type Keys } from './keys.ts';
import { entryOf, PROCESSES, serviceOf, SERVICES, type ProcessName, type ServiceName } from './names.ts';
import { serviceEnv } from './service-env.ts';

/**
 * What a proxy is put in front of: a service (for its peers and for our clients), an engine (for all services), or an
 * engine as one process sees it.
 */
export type ProxyPlace = ServiceName | EngineName | `${ProcessName}.${EngineName}`;

export interface PlazaOptions {
  readonly engines: Endpoints;
  readonly namespace: string;
  /** Which processes run; all six by default. */
  readonly services?: readonly ProcessName[];
  /** Added to the environment of every process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Process → the crash point at which it dies. Restart it with `restart({ CRASH_AT: '' })`. */
  readonly crashAt?: Partial<Record<ProcessName, string>>;
  readonly proxies?: readonly ProxyPlace[];
  /** Everybody has a certificate, and shows it to everybody; our clients have the gateway's. Proxies cannot pick calls then. */
  readonly tls?: boolean;
  /** Runs what is installed there in place of this repository's sources. */
  readonly installation?: (name: ProcessName) => Installation;
  /** Every line of every process. */
  readonly log?: (name: ProcessName, line: string) => void;
}

export interface Plaza {
  readonly namespace: string;
  readonly keys: Keys;
  /** Throws for a process that was not asked for. */
  process(name: ProcessName): ServiceProcess;
  proxy(place: ProxyPlace): Proxy;
  /** The environment of a process, for whoever starts another one of its kind. */
  envOf(name: ProcessName): Record<string, string>;
  /** Through the proxy where there is one. */
  readonly addresses: Readonly<Record<ServiceName, string>>;
  /** The context decides who calls. */
  readonly clients: PlazaClients;
  /** Where the certificates are; undefined without `tls`. */
  readonly certificates: string | undefined;
  asUser(userId: string, timeoutMs?: number): Context;
  asAdmin(timeoutMs?: number): Context;
  close(): Promise<void>;
}

/** Boots services as real processes on ports chosen up front, so that whoever restarts is found again. */
export const startPlaza = async (options: PlazaOptions): Promise<Plaza> => {
  const keys = testKeys();
  const names = options.services ?? PROCESSES;
  const ports = await portsFor(PROCESSES);
  const direct = addressesOf((name) => `127.0.0.1:${ports[name].port}`);
  const proxies = new Map<string, Proxy>();
  for (const place of options.proxies ?? []) proxies.set(place, await openProxy(place, direct, options.engines));
  const addresses = addressesOf((name) => proxies.get(name)?.address ?? direct[name]);
  const certificates = options.tls ? mkdtempSync(join(tmpdir(), 'plaza-certificates-')) : undefined;
  if (certificates !== undefined) {
    // Keys, so not even a run that is killed leaves them.
    guardFolder(certificates);
    writeCertificates(certificates);
  }
  const pageSecret = randomBytes(16).toString('base64url');

  const envOf = (name: ProcessName): Record<string, string> => ({
    ...serviceEnv({
      name,
      endpoints: throughProxies(options.engines, proxies, name),
      namespace: options.namespace,
      keyring: keys.keyring,
      pageSecret,
      ...ports[name],
      addresses,
      tls: certificates === undefined ? undefined : tlsFiles(certificates, serviceOf(name)),
    }),
    ...options.env,
    CRASH_AT: options.crashAt?.[name] ?? '',
  });
  const spawn = (name: ProcessName) =>
    spawnService({
      name,
      entry: options.installation ? relative(ROOT, entryOf(name)) : entryOf(name),
      env: envOf(name),
      log: (line) => options.log?.(name, line),
      ...(options.installation && { installation: options.installation(name) }),
    });

  const started = await Promise.allSettled(names.map(spawn));
  const running = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const tls = certificates === undefined ? undefined : tlsFiles(certificates, 'gateway');
  const clients = plazaClients({ addresses, token: keys.tokenOf, tls });
  const close = async () => {
    clients.close();
    await Promise.all(running.map((service) => service.stop()));
    await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
    if (certificates !== undefined) rmSync(certificates, { recursive: true });
  };
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    await close();
    throw failed.reason;
  }
  return {
    namespace: options.namespace,
    keys,
    process: (name) =>
      present(
        running.find((service) => service.name === name),
        name,
      ),
    proxy: (place) => present(proxies.get(place), place),
    envOf,
    addresses,
    clients,
    certificates,
    asUser,
    asAdmin,
    close,
  };
};

interface Ports {
  readonly port: number;
  readonly adminPort: number;
}

const portsFor = async (names: readonly ProcessName[]): Promise<Record<ProcessName, Ports>> => {
  const ports: [ProcessName, Ports][] = [];
  for (const name of names) ports.push([name, { port: await freePort(), adminPort: await freePort() }]);
  return Object.fromEntries(ports) as Record<ProcessName, Ports>;
};

const addressesOf = (address: (name: ServiceName) => string): Record<ServiceName, string> =>
  Object.fromEntries(SERVICES.map((name) => [name, address(name)])) as Record<ServiceName, string>;

const openProxy = (place: ProxyPlace, direct: Record<ServiceName, string>, engines: Endpoints): Promise<Proxy> => {
  const service = SERVICES.find((name) => name === place);
  if (service) return createProxy({ target: direct[service], protocol: 'http2' });
  const engine = place.slice(place.indexOf('.') + 1) as EngineName;
  return createProxy({ target: new URL(urlOf(engines, engine)).host });
};

const urlOf = (engines: Endpoints, engine: EngineName): string =>
  ({ redis: engines.redisUrl, nats: engines.natsUrl, dynamodb: engines.dynamodbEndpoint })[engine];

const throughProxies = (engines: Endpoints, proxies: ReadonlyMap<string, Proxy>, name: ProcessName): Endpoints => {
  const through = (engine: EngineName): string => {
    const proxy = proxies.get(`${name}.${engine}`) ?? proxies.get(engine);
    return proxy ? at(urlOf(engines, engine), proxy) : urlOf(engines, engine);
  };
  return { redisUrl: through('redis'), natsUrl: through('nats'), dynamodbEndpoint: through('dynamodb') };
};

const present = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new Error(`${name} was not asked for`);
  return value;
};
