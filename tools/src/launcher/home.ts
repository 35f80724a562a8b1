import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import type { Tls } from '@plaza/core';
import { generateKeyring } from '@plaza/rpc';
import {
  SERVICES,
  tlsFiles,
  type Endpoints,
  type Keyring,
  type PeerName,
  type ProcessName,
  type ServiceName,
} from '@plaza/testing';

export interface Secrets {
  readonly keyring: Keyring;
  /** Signs page tokens: a place in a list stays good over restarts. */
  readonly pageSecret: string;
}

/** The secrets of this installation: made once, readable by their owner only, the same at every start. */
export const loadSecrets = (home: string): Secrets => {
  const path = join(home, 'keys.json');
  mkdirSync(home, { recursive: true });
  if (existsSync(path)) return parseSecrets(path, readFileSync(path, 'utf8'));
  const secrets: Secrets = { keyring: generateKeyring(SERVICES), pageSecret: randomBytes(24).toString('base64url') };
  writeFileSync(`${path}.new`, JSON.stringify(secrets), { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
  return secrets;
};

/** Where the parts of this installation are, for tools beside it. */
export interface Places {
  /** host:port of each service. */
  readonly services: Readonly<Record<ServiceName, string>>;
  /** host:port of each process's /metrics, /healthz and /statusz. */
  readonly admin: Readonly<Record<ProcessName, string>>;
  readonly engines: Endpoints;
  readonly namespace: string;
  /** Folder of everybody's certificates; absent when the services speak plaintext. */
  readonly certificates?: string | undefined;
}

/** Undefined before the installation's first start. */
export const readPlaces = (home: string): Places | undefined => {
  const path = join(home, PLACES);
  if (!existsSync(path)) return undefined;
  const places = JSON.parse(readFileSync(path, 'utf8')) as Partial<Places>;
  // An older launcher wrote less: its next start writes it anew.
  return places.services && places.admin && places.engines ? (places as Places) : undefined;
};

/** What a tool shows to the services to be let in, as one of the peers; undefined when they speak plaintext. */
export const tlsOf = (places: Places | undefined, peer: PeerName): Tls | undefined =>
  places?.certificates === undefined ? undefined : tlsFiles(places.certificates, peer);

export const savePlaces = (home: string, { engines, ...rest }: Places): void => {
  const { dynamodbEndpoint, redisUrl, natsUrl } = engines;
  const places: Places = { ...rest, engines: { dynamodbEndpoint, redisUrl, natsUrl } };
  // An engine of somebody else may have a password in its URL.
  writeFileSync(join(home, PLACES), `${JSON.stringify(places, undefined, 2)}\n`, { mode: 0o600 });
};

const PLACES = 'addresses.json';

const parseSecrets = (path: string, text: string): Secrets => {
  try {
    const { keyring, pageSecret } = JSON.parse(text) as Partial<Secrets>;
    const whole = keyring && pageSecret && SERVICES.every((name) => keyring.signingKeys?.[name] && keyring.verifyKeys?.[name]);
    if (whole) return { keyring, pageSecret };
  } catch {
    // Fall through: half a file is as bad as none.
  }
  throw new Error(`${path} is damaged; delete it and start again (every token given out so far becomes invalid)`);
};
