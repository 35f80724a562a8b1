import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { generateKeyring } from '@plaza/rpc';
import { createNatsAuthority, SERVICES, type NatsAuthority, type ServiceName } from '@plaza/testing';

interface ServiceSecrets {
  readonly signingKey: string;
  readonly verifyKey: string;
  readonly pageSecret: string;
  readonly redisPassword: string;
}

/** An operator signs by the key of the user service: tokens of admins come from nowhere else. */
interface OperatorSecrets {
  readonly redisPassword: string;
}

/** Whose secrets can be made anew. */
export const HOLDERS = [...SERVICES, 'operator'] as const;
export type Holder = (typeof HOLDERS)[number];

/** All that is secret about one installation, and from which its files are made. */
export interface Installation {
  readonly services: Readonly<Record<ServiceName, ServiceSecrets>>;
  readonly operator: OperatorSecrets;
  readonly nats: NatsAuthority;
  /** What was said of the surroundings, so that it need not be said again. */
  readonly said: Said;
}

export interface Said {
  /** Where Redis is, with its scheme. */
  readonly redis?: string | undefined;
  /** Where the processes will see the folder. */
  readonly mountedAt?: string | undefined;
}

export const SECRETS_FILE = 'secrets.json';

/** What the folder holds, or what is made now for a new one; what is said now counts from now on. */
export const loadInstallation = (folder: string, now: Said): Installation => {
  const path = join(folder, SECRETS_FILE);
  const known = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Installation) : newInstallation();
  return { ...known, said: { redis: now.redis ?? known.said.redis, mountedAt: now.mountedAt ?? known.said.mountedAt } };
};

const newInstallation = (): Installation => {
  const services = Object.fromEntries(SERVICES.map((name) => [name, newSecrets(name)])) as Record<ServiceName, ServiceSecrets>;
  return { services, operator: newOperator(), nats: createNatsAuthority(), said: {} };
};

/** The same with new secrets for one holder; its NATS user of before is no longer let in. */
export const rotated = (installation: Installation, name: Holder, natsUser: string | undefined): Installation => ({
  ...installation,
  ...(name === 'operator' ? { operator: newOperator() } : { services: { ...installation.services, [name]: newSecrets(name) } }),
  nats: {
    ...installation.nats,
    revoked: { ...installation.nats.revoked, ...(natsUser && { [natsUser]: Math.floor(Date.now() / 1000) }) },
  },
});

const secret = () => randomBytes(24).toString('base64url');

const newOperator = (): OperatorSecrets => ({ redisPassword: secret() });

const newSecrets = (name: ServiceName): ServiceSecrets => {
  const { signingKeys, verifyKeys } = generateKeyring([name]);
  return { signingKey: signingKeys[name]!, verifyKey: verifyKeys[name]!, pageSecret: secret(), redisPassword: secret() };
};
