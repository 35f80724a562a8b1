import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OPERATOR_REDIS_RULES, redisRules } from '@plaza/cache';
import { operatorPermissions, OWNERS, permissionsOf, type Owner } from '@plaza/events';

import { ownerOf, type ProcessName } from '../plaza/names.ts';
import { guardFolder } from '../processes/guard.ts';
import { natsAccounts, natsCredentials, type NatsAuthority } from './nats-users.ts';

/** Who may do anything; the address of a Redis that we started names it. */
const TESTER = 'tests';

/**
 * Known to everybody, as the passwords are, which are the names: on loopback they tell the services apart, so that one that oversteps
 * is refused here as it would be elsewhere. They keep nobody out.
 */
const AUTHORITY: NatsAuthority = {
  operatorSeed: 'SOAOJEDCQOOOL2TJ7U47RT4JMCXHU2YNBEKAFEEFTCDBXLAO46OSV57IH4',
  accountSeed: 'SAAHJKNZXKQHD63XEY2CGNNCGSEA43PXGFQ4ZQTSKRMHMVLR2LZQ76LBOQ',
  systemAccount: 'AA2I6P6AEIHOQTPNGR6AO7ZYT7KYMMZ6J7T2BVSJ5757MX3NRYVY7QUD',
  madeAt: 0,
};

/** What a nats-server that we start is told, besides where it listens and keeps its data. */
export const localNats = (): string => natsAccounts(AUTHORITY);

const OPERATOR = 'operator';

/** Login part of the address of a Redis that we start. */
export const REDIS_TESTER = `${TESTER}:${TESTER}@`;

/** The users of a Redis that we start, on its command line. Their keys may be of any namespace: tests make theirs up. */
export const LOCAL_REDIS_USERS: readonly string[] = [
  '--user default off',
  `--user ${TESTER} on >${TESTER} ~* &* +@all`,
  `--user ${OPERATOR} on >${OPERATOR} ${OPERATOR_REDIS_RULES}`,
  ...OWNERS.map((owner) => `--user ${owner} on >${owner} ${redisRules(owner, '*')}`),
].flatMap((line) => line.split(' '));

interface Connections {
  readonly namespace: string;
  readonly redisUrl: string;
  readonly natsCredsFile?: string | undefined;
}

/** The same configuration for a process that comes to Redis and NATS as itself. A Redis that we did not start is used as it is given. */
export const asItself = <C extends Connections>(name: ProcessName, config: C): C & { natsCredsFile: string } => {
  const owner = ownerOf(name);
  return { ...config, redisUrl: redisUrlOf(owner, config.redisUrl), natsCredsFile: credentialsOf(owner, config.namespace) };
};

/** The address of a Redis that we started for one of its users; any other as it is. */
export const redisUrlOf = (user: Owner | typeof OPERATOR, address: string): string => {
  const url = new URL(address);
  if (url.username !== TESTER) return address;
  [url.username, url.password] = [user, user];
  return url.href;
};

/** Credentials file of a test itself, which may do anything. A server that asks for none takes no notice of it. */
export const testerCredentials = (): string => fileOf(TESTER, () => natsCredentials(AUTHORITY, TESTER));

/** The same configuration for the tools of an operator. */
export const asOperator = <C extends Connections>(config: C): C & { natsCredsFile: string } => {
  const { namespace, redisUrl } = config;
  const permissions = operatorPermissions(namespace);
  const natsCredsFile = fileOf(`${namespace}-${OPERATOR}`, () => natsCredentials(AUTHORITY, OPERATOR, permissions));
  return { ...config, redisUrl: redisUrlOf(OPERATOR, redisUrl), natsCredsFile };
};

const credentialsOf = (owner: Owner, namespace: string): string =>
  fileOf(`${namespace}-${owner}`, () => natsCredentials(AUTHORITY, owner, permissionsOf(owner, namespace)));

let folder: string | undefined;
const written = new Map<string, string>();

const fileOf = (name: string, content: () => string): string => {
  const known = written.get(name);
  if (known !== undefined) return known;
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), 'plaza-credentials-'));
    // They are no secret, and a process that runs as another user than ours must read its own.
    chmodSync(folder, 0o755);
    guardFolder(folder);
  }
  const path = join(folder, `${name}.creds`);
  writeFileSync(path, content(), { mode: 0o644 });
  written.set(name, path);
  return path;
};
