import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { natsUserIn, writeCertificates } from '@plaza/testing';

import { filesOf } from './credentials/files.ts';
import { HOLDERS, loadInstallation, rotated } from './credentials/installation.ts';
import { runTool, Trouble } from './target/trouble.ts';

const HELP = `All secrets of one installation, in a folder: keys, certificates, users of NATS and Redis, a file of variables for each process.

  npm run credentials -- <folder>                               makes what is missing, and anew what the code no longer agrees with
  npm run credentials -- <folder> --redis rediss://host:6379    where Redis is; redis://redis:6379 until it is said
  npm run credentials -- <folder> --mounted-at /credentials     where the processes see the folder, if elsewhere
  npm run credentials -- <folder> --rotate order                new secrets for one of ${HOLDERS.join(', ')}

What was said once is kept with the secrets. Exit codes: 0 done, 2 asked wrongly.
`;

const next = (folder: string, redis: string): string => `Next: give each process its file: node --env-file=${folder}/order.env …
      or, for Kubernetes: sh deploy/secrets.sh ${folder} | kubectl apply -f -
      They find Redis at ${redis}; --redis says where else.
      NATS reads nats/nats.conf with accounts.conf beside it, Redis redis/users.acl (aclfile); both read them again when told to:
      nats-server --signal reload, redis-cli acl load as operator.
      You come by: set -a; . ${folder}/operator.env; set +a; then USER_ADDRESS=… and the others, and npm run doctor (tools/README.md).
      Keep ${folder} where nobody else reads it: with it, everything here can be signed.
`;

const write = (to: string, content: string): void => {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  // Whole or not at all: a service may be reading it.
  writeFileSync(`${to}.new`, content, { mode: 0o600 });
  chmodSync(`${to}.new`, 0o600);
  renameSync(`${to}.new`, to);
};

await runTool(HELP, async (args) => {
  if (args.length === 0) {
    process.stdout.write(HELP);
    return 0;
  }
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { rotate: { type: 'string' }, redis: { type: 'string' }, 'mounted-at': { type: 'string' } },
  });
  const rotate = HOLDERS.find((name) => name === values.rotate);
  if (positionals.length !== 1) throw new Trouble('one folder is wanted', ['npm run credentials -- <folder>']);
  if (values.rotate !== undefined && !rotate)
    throw new Trouble(`nobody is called ${values.rotate}`, [`--rotate takes one of ${HOLDERS.join(', ')}`]);

  const folder = resolve(positionals[0]!);
  const read = (path: string) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : undefined);
  const known = loadInstallation(folder, { redis: values.redis, mountedAt: values['mounted-at'] });
  const natsUser = rotate && read(`nats/${rotate}.creds`);
  const installation = rotate ? rotated(known, rotate, natsUser && natsUserIn(natsUser).id) : known;
  const { redis = 'redis://redis:6379', mountedAt = folder } = installation.said;
  const files = Object.entries(filesOf(installation, { redis, mountedAt, folder }, read));
  const made = files.filter(([path, content]) => content !== read(path));
  for (const [path, content] of made) write(join(folder, path), content);
  writeCertificates(join(folder, 'certificates'));

  const what = made.length === 0 ? 'is as it should be' : `made ${made.map(([path]) => path).join(', ')}`;
  process.stdout.write(
    `${folder}: ${what}; certificates/ has one for each service, gateway, operator and nats\n\n${next(folder, redis)}`,
  );
  return 0;
});
