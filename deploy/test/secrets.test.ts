import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { ROOT } from '@plaza/testing';
import { expect, test } from 'vitest';

import { podsOf } from './kubernetes/cluster.ts';
import { render } from './kubernetes/render.ts';

test('secrets.sh makes the Secrets that pods ask for, with the entries that they read', () => {
  const asked = podsOf(render('overlays/local')).flatMap(({ spec, container }) => [
    ...(container.env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []),
    ...(spec.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []),
  ]);
  expect(Object.keys(made).toSorted()).toEqual([...new Set(asked)].toSorted());
  expect(made['feed-worker']).toEqual(['--from-env-file=feed-worker.env']);
  expect(made['feed-tls']!.map(entry)).toEqual(['tls.crt', 'tls.key', 'ca.crt']);
  expect(made['feed-nats']!.map(entry)).toEqual(['nats.creds']);
  expect(made['redis-users']!.map(entry)).toEqual(['users.acl']);
});

/** The entry of a Secret that a flag makes: its name, or that of the file. */
const entry = (flag: string): string => /^--from-file=(?:([^=]+)=.*|.*\/([^/]+))$/.exec(flag)!.slice(1).join('');

/** Secret → the flags that make it, by a kubectl that only says what it is asked. */
const made = ((): Record<string, string[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'plaza-secrets-'));
  try {
    writeFileSync(join(folder, 'kubectl'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
    const path = [folder, process.env['PATH']].join(delimiter);
    const said = execFileSync('sh', ['deploy/secrets.sh', folder], { cwd: ROOT, env: { PATH: path }, encoding: 'utf8' });
    const calls = said.split('\n').filter((line) => line.startsWith('create secret generic '));
    return Object.fromEntries(
      calls.map((call) => {
        const [, , , name, ...flags] = call.split(' ');
        return [name, flags.filter((flag) => flag.startsWith('--from-'))];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
})();
