import { redisRules } from '@plaza/cache';
import { OWNERS, permissionsOf } from '@plaza/events';

import { json, type Files } from '../files.ts';
import { NATS_CONF } from './nats-conf.ts';

/** In production nothing is prefixed. */
const NAMESPACE = '';

/** Configuration of NATS and Redis without secrets, which `npm run credentials` makes. */
export const enginesFiles = (): Files => ({
  'nats/nats.conf': NATS_CONF,
  'nats/permissions.json': json(Object.fromEntries(OWNERS.map((owner) => [owner, permissionsOf(owner, NAMESPACE)]))),
  'redis/users.acl': usersAcl((owner) => `#<sha256 of the password of ${owner}>`),
});

/** An ACL file of Redis: one user a service, and nobody without a name. @param password as ACL has it: `#` and the SHA-256 in hex */
export const usersAcl = (password: (owner: string) => string): string =>
  ['user default off', ...OWNERS.map((owner) => `user ${owner} on ${password(owner)} ${redisRules(owner, NAMESPACE)}`), ''].join(
    '\n',
  );
