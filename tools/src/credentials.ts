import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { natsUserIn, writeCertificates } from '@plaza/testing';

import { filesOf } from './credentials/files.ts';
import { HOLDERS, loadInstallation, rotated } from './credentials/installation.ts';

// npm run credentials -- <folder> [--rotate <service or operator>] [--redis rediss://host:6379] [--mounted-at <folder>]
// All secrets of one installation. What is there stays; files that no longer say what the code does are made anew from it.
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rotate: { type: 'string' }, redis: { type: 'string' }, 'mounted-at': { type: 'string' } },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const rotate = HOLDERS.find((name) => name === values.rotate);
if (positionals.length !== 1 || (values.rotate !== undefined && !rotate)) {
  say(`npm run credentials -- <folder> [--rotate ${HOLDERS.join('|')}] [--redis redis://redis:6379] [--mounted-at <folder>]`);
  process.exit(1);
}

const folder = resolve(positionals[0]!);
const read = (path: string) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : undefined);
const write = (path: string, content: string) => {
  const to = join(folder, path);
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  // Whole or not at all: a service may be reading it.
  writeFileSync(`${to}.new`, content, { mode: 0o600 });
  chmodSync(`${to}.new`, 0o600);
  renameSync(`${to}.new`, to);
};

const known = loadInstallation(folder);
const natsUser = rotate && read(`nats/${rotate}.creds`);
const installation = rotate ? rotated(known, rotate, natsUser && natsUserIn(natsUser).id) : known;
const places = { redis: values.redis ?? 'redis://redis:6379', mountedAt: values['mounted-at'] ?? folder, folder };
const made = Object.entries(filesOf(installation, places, read)).filter(([path, content]) => content !== read(path));
for (const [path, content] of made) write(path, content);
writeCertificates(join(folder, 'certificates'));

say(made.length === 0 ? `${folder} is as it should be` : `${folder}: made ${made.map(([path]) => path).join(', ')}`);
say(`
Next: give each process its file: node --env-file=${folder}/order.env …
      or: kubectl create secret generic order --from-env-file=${folder}/order.env
      NATS reads nats/nats.conf with accounts.conf beside it, Redis redis/users.acl (aclfile); both read them again when told to:
      nats-server --signal reload, redis-cli acl load as operator.
      You come by: set -a; . ${folder}/operator.env; set +a; then USER_ADDRESS=… and the others, and npm run doctor (tools/README.md).
      Keep ${folder} where nobody else reads it: with it, everything here can be signed.`);
