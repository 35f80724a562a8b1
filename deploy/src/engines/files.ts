import { operatorPermissions, OWNERS, permissionsOf } from '@plaza/events';

import { json, type Files } from '../files.ts';
import { REDIS_USERS } from '../redis-users.ts';
import { NATS_CONF } from './nats-conf.ts';

/** In production nothing is prefixed. */
const NAMESPACE = '';

/** Configuration of NATS and Redis without secrets, which `npm run credentials` makes. */
export const enginesFiles = (): Files => ({
  'nats/nats.conf': NATS_CONF,
  'nats/permissions.json': json({
    ...Object.fromEntries(OWNERS.map((owner) => [owner, permissionsOf(owner, NAMESPACE)])),
    operator: operatorPermissions(NAMESPACE),
  }),
  'redis/users.acl': usersAcl((user) => `#<sha256 of the password of ${user}>`),
});

/**
 * An ACL file of Redis: one user a service, an operator, who may have the file read again, and nobody without a name.
 * @param password as ACL has it: `#` and the SHA-256 in hex
 */
export const usersAcl = (password: (user: string) => string): string =>
  [
    'user default off',
    ...Object.entries(REDIS_USERS).map(
      ([user, rules]) => `user ${user} on ${password(user)} ${rules}${user === 'operator' ? ' +acl|load' : ''}`,
    ),
    '',
  ].join('\n');
