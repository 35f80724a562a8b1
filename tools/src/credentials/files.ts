import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { NATS_CONF } from '@plaza/deploy/src/engines/nats-conf.ts';
import { usersAcl } from '@plaza/deploy/src/engines/files.ts';
import { operatorPermissions, permissionsOf, type Permissions } from '@plaza/events';
import { natsAccounts, natsCredentials, natsUserIn, ownerOf, PROCESSES, serviceOf, type ProcessName } from '@plaza/testing';

import { HOLDERS, SECRETS_FILE, type Holder, type Installation } from './installation.ts';

export interface Places {
  /** host:port of Redis, with its scheme. */
  readonly redis: string;
  /** Where the processes will see this folder. */
  readonly mountedAt: string;
  /** Where it is: an operator comes from here. */
  readonly folder: string;
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
  ...Object.fromEntries(PROCESSES.map((name) => [`${name}.env`, processEnv(installation, places, name)])),
  'operator.env': operatorEnv(installation, places),
  'nats/nats.conf': NATS_CONF,
  'nats/accounts.conf': natsAccounts(installation.nats),
  ...Object.fromEntries(
    HOLDERS.map((name) => {
      const [path, user] = [`nats/${name}.creds`, userOf(name)];
      const permissions = user === 'operator' ? operatorPermissions('') : permissionsOf(user, '');
      return [path, credentials(installation, user, permissions, before(path))];
    }),
  ),
  'redis/users.acl': usersAcl((user) => {
    const { redisPassword } = secretsOf(
      installation,
      HOLDERS.find((name) => userOf(name) === user)!,
    );
    return `#${createHash('sha256').update(redisPassword).digest('hex')}`;
  }),
});

/** The name under which the engines know a holder. */
const userOf = (name: Holder) => (name === 'operator' ? name : ownerOf(name));

const secretsOf = ({ services, operator }: Installation, name: Holder) => (name === 'operator' ? operator : services[name]);

const credentials = ({ nats }: Installation, name: string, permissions: Permissions, before: string | undefined): string => {
  const user = before === undefined ? undefined : natsUserIn(before);
  const stands = user !== undefined && !(user.id in (nats.revoked ?? {})) && isDeepStrictEqual(user.permissions, permissions);
  return stands ? before! : natsCredentials(nats, name, permissions);
};

const processEnv = (installation: Installation, places: Places, process: ProcessName): string => {
  const name = serviceOf(process);
  const { services } = installation;
  const { signingKey, pageSecret } = services[name];
  const verifyKeys = Object.fromEntries(Object.entries(services).map(([issuer, { verifyKey }]) => [issuer, verifyKey]));
  return envFile({
    SIGNING_KEY: signingKey,
    VERIFY_KEYS: JSON.stringify(verifyKeys),
    PAGE_SECRET: pageSecret,
    REDIS_URL: redisUrl(installation, places, name),
    NATS_CREDS_FILE: `${places.mountedAt}/nats/${name}.creds`,
  });
};

/** Where the services are, and whether by TLS, is the operator's to say: it depends on where one stands. */
const operatorEnv = (installation: Installation, places: Places): string =>
  envFile({
    SIGNING_KEY: installation.services.user.signingKey,
    REDIS_URL: redisUrl(installation, places, 'operator'),
    NATS_CREDS_FILE: `${places.folder}/nats/operator.creds`,
  });

const redisUrl = (installation: Installation, { redis }: Places, name: Holder): string => {
  const url = new URL(redis);
  [url.username, url.password] = [userOf(name), secretsOf(installation, name).redisPassword];
  return url.href;
};

const envFile = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([variable, value]) => `${variable}=${value}\n`)
    .join('');
