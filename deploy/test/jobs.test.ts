import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { backgroundContext, silentLog } from '@plaza/core';
import { PurgeState, UserState } from '@plaza/proto/plaza/user/v1/user_service';
import { eventually, startEngines, startPlaza, tlsFiles, uniqueNamespace, type Engines, type Plaza } from '@plaza/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { loadConfig as loadCreateTables } from '../src/jobs/create-tables/config.ts';
import { loadConfig as loadPurge } from '../src/jobs/purge/config.ts';
import { purgeDeleted } from '../src/jobs/purge/purge.ts';
import type { Job } from '../src/jobs/run-job.ts';

vi.setConfig({ testTimeout: 120_000 });

let engines: Engines;
let plaza: Plaza;
let folder: string;
beforeAll(async () => {
  engines = await startEngines();
  plaza = await startPlaza({ engines, namespace: uniqueNamespace(), services: ['user', 'product', 'social-graph'], tls: true });
  folder = mkdtempSync(join(tmpdir(), 'plaza-import-'));
});
afterAll(async () => {
  await plaza?.close();
  await engines?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('tables are created once, and then only looked at', async () => {
  const env = { ...engines.env, NAMESPACE: uniqueNamespace(), TABLES: '["users","products"]', AWS_ACCESS_KEY_ID: 'jobs' };
  const dry = await run('create-tables', { ...env, DRY_RUN: 'true' });
  expect(dry).toMatchObject({ code: 1 });
  expect(eventsOf(dry)).toEqual(['job.started', 'table.missing', 'table.missing', 'job.finished']);
  const first = await run('create-tables', env);
  expect(first).toMatchObject({ code: 0 });
  expect(eventsOf(first)).toEqual(['job.started', ...created, ...created, 'job.finished']);
  const second = await run('create-tables', env);
  expect(eventsOf(second)).toEqual(['job.started', 'table.checked', 'table.checked', 'job.finished']);
  expect(() => loadCreateTables({ TABLES: '["userz"]' })).toThrow(/TABLES.*expected a list of users, /);
});

test('people, products and follows come in; what is refused is told by its line; a second run changes nothing', async () => {
  file('users.jsonl', [
    { username: 'ada.imports', email: 'ada.imports@example.com' },
    { username: 'bob.imports', email: 'bob.imports@example.com' },
    { username: 'x', email: 'no address' },
    { username: 'ada.imports', email: 'other@example.com' },
  ]);
  file('products.jsonl', [
    { seller: 'ada.imports', name: 'Cup', category: 'home', price: { currencyCode: 'EUR', units: '5' }, initialStock: '3' },
    { seller: 'nobody.at.all', name: 'Cup', category: 'home', price: { currencyCode: 'EUR', units: '5' }, initialStock: '3' },
  ]);
  file('follows.jsonl', [
    { follower: 'bob.imports', followees: ['ada.imports'] },
    { follower: 'ada.imports', followees: ['bob.imports', 'nobody.at.all'] },
  ]);
  const first = await run('import', importEnv());
  expect(first.code).toBe(1);
  expect(refusalsOf(first)).toEqual([
    ['users', 3, 'INVALID_FIELD username email'],
    ['users', 4, 'USERNAME_TAKEN'],
    ['products', 2, 'USER_NOT_FOUND'],
    ['follows', 2, 'USER_NOT_FOUND'],
  ]);
  await eventually(async () => expect(await whatIsThere()).toEqual({ users: 2, products: 1, followers: [1n, 1n] }));
  const second = await run('import', importEnv());
  expect(refusalsOf(second)).toEqual(refusalsOf(first));
  await eventually(async () => expect(await whatIsThere()).toEqual({ users: 2, products: 1, followers: [1n, 1n] }));

  // A line is mended: whom it names is known from now on, and follows that were passed over come in.
  file('follows.jsonl', [
    { follower: 'cleo.imports', followees: ['ada.imports'] },
    { follower: 'bob.imports', followees: ['ada.imports'] },
    { follower: 'ada.imports', followees: ['bob.imports', 'nobody.at.all'] },
  ]);
  await run('import', importEnv());
  await plaza.clients.users.createUser(plaza.asAdmin(), { username: 'cleo.imports', email: 'cleo.imports@example.com' });
  await run('import', importEnv());
  await eventually(async () => expect((await whatIsThere()).followers.toSorted((a, b) => Number(a - b))).toEqual([0n, 1n, 2n]));
});

test('whoever was deleted a month ago is purged, and nobody else', async () => {
  const [long, short] = await Promise.all(['long.gone', 'just.gone'].map(deletedUser));
  const config = loadPurge({ USER_ADDRESS: plaza.addresses.user, ...asOperator() });
  expect(await purgeDeleted(job(), config, () => Date.now())).toBe(0);
  await expect(plaza.clients.users.getPurge(plaza.asAdmin(), { userId: long! })).rejects.toMatchObject({
    reason: 'PURGE_NOT_FOUND',
  });
  const later = () => Date.now() + 31 * 86_400_000;
  expect(await purgeDeleted(job(), { ...config, limit: 1 }, later)).toBe(0);
  expect(await begun(long!, short!)).toBe(1);
  expect(await purgeDeleted(job(), config, later)).toBe(0);
  expect(await purgeDeleted(job(), config, later)).toBe(0);
  expect(await begun(long!, short!)).toBe(2);
  expect(() => loadPurge({ USER_ADDRESS: 'a:1', SIGNING_KEY: 'k', PURGE_AFTER_DAYS: '7' })).toThrow(
    /PURGE_AFTER_DAYS is less than 30/,
  );
});

test('a job without its variables names them all', async () => {
  const { code, output } = await run('import', {});
  expect(code).toBe(1);
  for (const name of ['USER_ADDRESS', 'SIGNING_KEY', 'IMPORT_DIR', 'IMPORT_NAME']) expect(output).toContain(`${name} is missing`);
});

const created = ['table.created', 'table.checked'];

interface Run {
  readonly code: number | null;
  readonly output: string;
}

const run = (name: string, env: Record<string, string>): Promise<Run> => {
  const entry = join(import.meta.dirname, `../src/jobs/${name}/main.ts`);
  const child = spawn(process.execPath, [entry], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
};

const linesOf = ({ output }: Run) =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const eventsOf = (done: Run) => linesOf(done).map(({ event }) => event);

const refusalsOf = (done: Run) =>
  linesOf(done)
    .filter(({ event }) => event === 'import.refused')
    .map(({ kind, line, reason }) => [kind, line, reason]);

const file = (name: string, lines: readonly object[]) =>
  writeFileSync(join(folder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

const asOperator = () => {
  const { certFile, keyFile, caFile } = tlsFiles(plaza.certificates!, 'operator');
  const signingKey = plaza.keys.keyring.signingKeys['user'] ?? '';
  return { SIGNING_KEY: signingKey, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, TLS_CA_FILE: caFile };
};

const importEnv = () => ({
  USER_ADDRESS: plaza.addresses.user,
  PRODUCT_ADDRESS: plaza.addresses.product,
  GRAPH_ADDRESS: plaza.addresses['social-graph'],
  ...asOperator(),
  IMPORT_DIR: folder,
  IMPORT_NAME: 'jobs-test',
});

const whatIsThere = async () => {
  const { users } = await plaza.clients.users.listUsers(plaza.asAdmin(), { state: UserState.ACTIVE, pageSize: 100 });
  const { products } = await plaza.clients.products.listProducts(plaza.asAdmin(), { category: 'home', pageSize: 100 });
  const { counts } = await plaza.clients.graph.batchGetCounts(plaza.asAdmin(), { userIds: users.map(({ userId }) => userId) });
  return { users: users.length, products: products.length, followers: counts.map(({ followers }) => followers) };
};

const deletedUser = async (username: string): Promise<string> => {
  const { user } = await plaza.clients.users.createUser(plaza.asAdmin(), { username, email: `${username}@example.com` });
  await plaza.clients.users.deleteUser(plaza.asAdmin(), { userId: user!.userId });
  return user!.userId;
};

/** How many of them are being erased. */
const begun = async (...userIds: string[]) => {
  const asked = userIds.map((userId) => plaza.clients.users.getPurge(plaza.asAdmin(), { userId }).catch(() => undefined));
  return (await Promise.all(asked)).filter((answer) => answer?.purge?.state === PurgeState.RUNNING).length;
};

const job = (): Job => {
  const stop = new AbortController().signal;
  const context = (timeoutMs: number) => ({
    ...backgroundContext({ method: 'plaza.jobs/test', timeoutMs }),
    caller: { kind: 'admin' as const },
  });
  return { log: silentLog, stop, context };
};
