import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import type { Tls } from '@plaza/core';
import { generateKeyring } from '@plaza/rpc';
import { SERVICES, tlsFiles, type Keyring, type PeerName, type ServiceName } from '@plaza/testing';

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

/** Where the services of this installation listen, for tools beside it; undefined before its first start. */
export const readAddresses = (home: string): Readonly<Record<ServiceName, string>> | undefined => {
  const saved = readSaved(home);
  if (saved === undefined) return undefined;
  const { certificates: _, ...addresses } = saved;
  return addresses;
};

/** What a tool shows to the services to be let in, as one of the peers; undefined when they speak plaintext. */
export const readTls = (home: string, peer: PeerName): Tls | undefined => {
  const certificates = readSaved(home)?.certificates;
  return certificates === undefined ? undefined : tlsFiles(certificates, peer);
};

export const saveAddresses = (home: string, addresses: Readonly<Record<ServiceName, string>>, certificates?: string): void =>
  writeFileSync(join(home, ADDRESSES), JSON.stringify({ ...addresses, certificates }));

type Saved = Readonly<Record<ServiceName, string>> & { readonly certificates?: string };

const readSaved = (home: string): Saved | undefined => {
  const path = join(home, ADDRESSES);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Saved) : undefined;
};

const ADDRESSES = 'addresses.json';

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
