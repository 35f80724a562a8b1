import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { NATS_CONF } from '@plaza/deploy/src/engines/nats-conf.ts';
import { usersAcl } from '@plaza/deploy/src/engines/files.ts';
import { permissionsOf } from '@plaza/events';
import {
  natsAccounts,
  natsCredentials,
  natsUserIn,
  ownerOf,
  PROCESSES,
  serviceOf,
  SERVICES,
  type ProcessName,
} from '@plaza/testing';

import { SECRETS_FILE, type Installation } from './installation.ts';

export interface Places {
  /** host:port of Redis, with its scheme. */
  readonly redis: string;
  /** Where the processes will see this folder. */
  readonly mountedAt: string;
}

/**
 * Every file of the installation by its path. A NATS user stays who it is as long as it may do what its service does today.
 * @param before what a file says now, if it is there
 */
export const filesOf = (
  installation: Installation,
  places: Places,
  before: (path: string) => string | undefined,
): Record<string, string> => ({
  [SECRETS_FILE]: `${JSON.stringify(installation, undefined, 2)}\n`,
  ...Object.fromEntries(PROCESSES.map((name) => [`${name}.env`, envFile(installation, places, name)])),
  'nats/nats.conf': NATS_CONF,
  'nats/accounts.conf': natsAccounts(installation.nats),
  ...Object.fromEntries(
    SERVICES.map((name) => {
      const path = `nats/${name}.creds`;
      return [path, credentials(installation, ownerOf(name), before(path))];
    }),
  ),
  'redis/users.acl': usersAcl((owner) => {
    const name = SERVICES.find((service) => ownerOf(service) === owner)!;
    return `#${createHash('sha256').update(installation.services[name].redisPassword).digest('hex')}`;
  }),
});

const credentials = ({ nats }: Installation, owner: ReturnType<typeof ownerOf>, before: string | undefined): string => {
  const permissions = permissionsOf(owner, '');
  const user = before === undefined ? undefined : natsUserIn(before);
  const stands = user !== undefined && !(user.id in (nats.revoked ?? {})) && isDeepStrictEqual(user.permissions, permissions);
  return stands ? before! : natsCredentials(nats, owner, permissions);
};

const envFile = ({ services }: Installation, { redis, mountedAt }: Places, process: ProcessName): string => {
  const name = serviceOf(process);
  const { signingKey, pageSecret, redisPassword } = services[name];
  const url = new URL(redis);
  [url.username, url.password] = [ownerOf(name), redisPassword];
  const verifyKeys = Object.fromEntries(Object.entries(services).map(([issuer, { verifyKey }]) => [issuer, verifyKey]));
  return Object.entries({
    SIGNING_KEY: signingKey,
    VERIFY_KEYS: JSON.stringify(verifyKeys),
    PAGE_SECRET: pageSecret,
    REDIS_URL: url.href,
    NATS_CREDS_FILE: `${mountedAt}/nats/${name}.creds`,
  })
    .map(([variable, value]) => `${variable}=${value}\n`)
    .join('');
};
