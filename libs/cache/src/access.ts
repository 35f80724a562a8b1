import { readdirSync, readFileSync } from 'node:fs';

import { COMMANDS } from './command.ts';
import { prefix } from './prefix.ts';

const LUA = new URL('./lua/', import.meta.url);

/** A user needs every command that a script of his calls. */
const CALLED_BY_SCRIPTS = readdirSync(LUA).flatMap((file) =>
  [...readFileSync(new URL(file, LUA), 'utf8').matchAll(/redis\.call\('(\w+)'/g)].map(([, name]) => name!.toLowerCase()),
);

/** What ioredis asks for by itself when it has connected. */
const ASKED_BY_CLIENT = ['info'];

const ALLOWED = [...new Set<string>([...COMMANDS, ...CALLED_BY_SCRIPTS, ...ASKED_BY_CLIENT])].toSorted();

/** What an operator may do: look at the keys of all, a page at a time, and empty the server, which a restore asks for. */
export const OPERATOR_REDIS_RULES = '~* resetchannels -@all +@read -@dangerous +flushall +info +ping';

/**
 * What a service may do with Redis, as the rules of an ACL: the commands that this library sends, on the service's own keys.
 * Nothing that looks at other keys, at channels or at the server's configuration; `info` names its run.
 * @param namespace `*` stands for whichever: where namespaces are made up on the way
 */
export const redisRules = (owner: string, namespace: string): string =>
  [`~${prefix({ owner }, namespace)}*`, 'resetchannels', '-@all', ...ALLOWED.map((name) => `+${name}`)].join(' ');
