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

/** All that is secret about one installation, and from which its files are made. */
export interface Installation {
  readonly services: Readonly<Record<ServiceName, ServiceSecrets>>;
  readonly nats: NatsAuthority;
}

export const SECRETS_FILE = 'secrets.json';

/** What the folder holds, or what is made now for a new one. */
export const loadInstallation = (folder: string): Installation => {
  const path = join(folder, SECRETS_FILE);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Installation;
  const services = Object.fromEntries(SERVICES.map((name) => [name, newSecrets(name)])) as Record<ServiceName, ServiceSecrets>;
  return { services, nats: createNatsAuthority() };
};

/** The same with new secrets for one service; its NATS user of before is no longer let in. */
export const rotated = (installation: Installation, name: ServiceName, natsUser: string | undefined): Installation => ({
  services: { ...installation.services, [name]: newSecrets(name) },
  nats: {
    ...installation.nats,
    revoked: { ...installation.nats.revoked, ...(natsUser && { [natsUser]: Math.floor(Date.now() / 1000) }) },
  },
});

const newSecrets = (name: ServiceName): ServiceSecrets => {
  const { signingKeys, verifyKeys } = generateKeyring([name]);
  const secret = () => randomBytes(24).toString('base64url');
  return { signingKey: signingKeys[name]!, verifyKey: verifyKeys[name]!, pageSecret: secret(), redisPassword: secret() };
};
