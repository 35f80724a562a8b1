import process from 'node:process';
import { join } from 'node:path';

import {
  createKeys,
  PROCESSES,
  SERVICES,
  tlsFiles,
  serviceEnv,
  serviceOf,
  type Endpoints,
  type Keys,
  type ProcessName,
  type ServiceName,
} from '@plaza/testing';

import type { Secrets } from './home.ts';
import type { Ports } from './ports.ts';
import type { Screen } from './screen.ts';
import { supervise, type Supervised } from './supervise.ts';

export interface FleetOptions {
  readonly home: string;
  readonly endpoints: Endpoints;
  readonly namespace: string;
  readonly logLevel: string;
  readonly secrets: Secrets;
  readonly ports: Readonly<Record<ProcessName, Ports>>;
  /** Where the certificates are; absent: plaintext. */
  readonly certificates?: string | undefined;
  readonly entryOf: (name: ProcessName) => string;
  readonly screen: Screen;
  readonly onGiveUp: (reason: Error) => void;
  readonly backoffMs?: number;
}

/** The six processes and what it takes to call them. */
export interface Fleet {
  readonly processes: readonly Supervised[];
  readonly addresses: Readonly<Record<ServiceName, string>>;
  readonly keys: Keys;
  /** The one that the user service printed; undefined if it did not. */
  adminToken(): string | undefined;
  drain(limitMs: number): Promise<void>;
}

/** Half an hour is long for who wants to see a shared purchase arrive. */
const shareDelay = () => {
  const seconds = process.env['SHARE_DELAY_S'];
  return seconds === undefined ? {} : { SHARE_DELAY_S: seconds };
};

export const startFleet = async (options: FleetOptions): Promise<Fleet> => {
  const { screen, ports, secrets, certificates } = options;
  const addresses = Object.fromEntries(SERVICES.map((name) => [name, `127.0.0.1:${ports[name].port}`])) as Record<
    ServiceName,
    string
  >;
  let adminToken: string | undefined;
  const launch = async (name: ProcessName): Promise<Supervised> => {
    const start = performance.now();
    // The demo and its visitors come from one address; a flood is still stopped.
    const tls = certificates === undefined ? undefined : tlsFiles(certificates, serviceOf(name));
    const env = serviceEnv({ ...options, ...secrets, ...ports[name], name, addresses, tls, rateLimits: 100 });
    const supervised = await supervise({
      name,
      entry: options.entryOf(name),
      env: { ...env, ...shareDelay(), ...(name === 'user' && { DEV_ADMIN_TOKEN: 'true' }) },
      logDir: join(options.home, 'logs'),
      say: (line) => screen.line(`          ${line}`),
      intercept: (line) => {
        const token = tokenIn(line);
        adminToken = token ?? adminToken;
        if (token !== undefined) screen.line(`          an admin's token: export TOKEN=${token}`);
        return token !== undefined;
      },
      onGiveUp: options.onGiveUp,
      ...(options.backoffMs !== undefined && { backoffMs: options.backoffMs }),
    });
    screen.step(
      `${name} listens on 127.0.0.1:${supervised.process.port} (pid ${supervised.process.pid})`,
      performance.now() - start,
    );
    return supervised;
  };

  const results = await Promise.allSettled(PROCESSES.map(launch));
  const processes = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const drain = async (limitMs: number) => {
    await Promise.all(
      processes.map(async (supervised) => {
        const start = performance.now();
        const exit = await supervised.stop(limitMs);
        const how = exit.signal === 'SIGKILL' ? `did not drain within ${limitMs / 1_000} s and was killed` : 'drained';
        screen.step(`${supervised.name} ${how}`, performance.now() - start);
      }),
    );
  };
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    await drain(1_000);
    throw failed.reason;
  }
  return { processes, addresses, keys: createKeys(secrets.keyring), adminToken: () => adminToken, drain };
};

/** Caught on its way to the log file: a token has no business there. */
const tokenIn = (line: string): string | undefined => {
  if (!line.includes('admin_token.printed')) return undefined;
  return (JSON.parse(line) as { token?: string }).token;
};
