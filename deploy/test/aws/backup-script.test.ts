import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { tablesOf } from '../../src/topology.ts';

const path = fileURLToPath(new URL('../../aws/backup/backup.sh', import.meta.url));
const dryRun = (...args: string[]): string =>
  execFileSync('sh', [path, '--dry-run', '--namespace', 'prod', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
const truth = tablesOf().filter(({ derived }) => !derived);

test('a restore makes each table of truth anew as of one second, sets up what a restore leaves out, and says how to switch', () => {
  const printed = dryRun('restore-at', '2026-11-29T12:00:00Z', 'r1');
  for (const { name } of truth) {
    expect(printed).toContain(
      `restore-table-to-point-in-time --source-table-name prod-${name} --target-table-name prod-${name}-r1 --restore-date-time 2026-11-29T12:00:00Z`,
    );
    const set = [
      'PointInTimeRecoveryEnabled=true',
      'Enabled=true,AttributeName=expiresAt',
      'StreamViewType=NEW_AND_OLD_IMAGES',
      `until ACTIVE`,
    ];
    const about = printed.split('\n').filter((line) => line.includes(`--table-name prod-${name}-r1 `));
    for (const setting of set) expect(about.join('\n')).toContain(setting);
  }
  const names = Object.fromEntries(tablesOf().map(({ name }) => [name, `prod-${name}-r1`]));
  expect(JSON.parse(/TABLE_NAMES=(\{".*\})/.exec(printed)![1]!)).toEqual(names);
});

test('a backup is made of each table of truth, and waited for', () => {
  const printed = dryRun('create', 'before-2-0');
  for (const { name } of truth)
    expect(printed).toContain(`create-backup --table-name prod-${name} --backup-name prod-${name}-before-2-0`);
  expect(printed.match(/until AVAILABLE/g)).toHaveLength(truth.length);
});

test('what it does not know it refuses', () => {
  expect(() => dryRun('restore-at', 'yesterday')).toThrow('Command failed');
  expect(() => dryRun('drop')).toThrow('Command failed');
});

test('every command of aws dynamodb and every option is one of the API', () => {
  const script = readFileSync(path, 'utf8').replaceAll('\\\n', ' ');
  const calls = [...script.matchAll(/aws dynamodb ([a-z-]+)([^\n]*)/g)];
  expect(calls.length).toBeGreaterThan(9);
  const wrong = calls.flatMap(([, command = '', rest = '']) => {
    const members = membersOf(pascal(command));
    const options = [...rest.matchAll(/ --([a-z-]+)/g)].map(([, option = '']) => option);
    return options
      .filter((option) => !OF_THE_COMMAND.has(option) && !members.has(pascal(option)))
      .map((option) => `${command} --${option}`);
  });
  expect(wrong).toEqual([]);
});

/** Options of the aws command itself. */
const OF_THE_COMMAND = new Set(['output', 'query']);

const pascal = (words: string): string => words.replaceAll(/(^|-)(\w)/g, (_, __, first: string) => first.toUpperCase());

/** What an operation takes, by the SDK's types. A flag has the name of what it sets. */
const membersOf = (operation: string): ReadonlySet<string> => {
  const entry = createRequire(join(dirname(path), '../../../libs/dynamo/package.json')).resolve('@aws-sdk/client-dynamodb');
  const types = readFileSync(join(dirname(entry), '../dist-types/models/models_0.d.ts'), 'utf8');
  const body = new RegExp(`export interface ${operation}Input \\{([\\s\\S]*?)\\n\\}`).exec(types)?.[1] ?? '';
  return new Set([...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, member = '']) => member));
};
