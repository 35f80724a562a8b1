import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually, freePort, isFreePort, PROCESSES, startEngines, type Engines } from '@plaza/testing';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { variableOf } from '../src/launcher/ports.ts';

// Six processes and a JVM may take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let engines: Engines;
let home: string;
/** Each launcher gets ports of its own: a Plaza may be running on the usual ones. */
let ports: Record<string, string>;
const running = new Set<Run>();

beforeAll(async () => {
  engines = await startEngines();
});
afterAll(async () => {
  await Promise.all([...running].map((run) => run.end('SIGKILL')));
  await engines.close();
});
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'plaza-launcher-'));
  ports = {};
  for (const name of PROCESSES) {
    ports[variableOf(name, false)] = String(await freePort());
    ports[variableOf(name, true)] = String(await freePort());
  }
  return () => rmSync(home, { recursive: true, force: true });
});

test('brings everything up with engines of its own, says what runs where, and Ctrl-C leaves nothing behind', async () => {
  const run = start({ PATH: process.env['PATH'], DYNAMODB_ENDPOINT: '', REDIS_URL: '', NATS_URL: '' });
  await run.says('Plaza is up');
  const pids = pidsIn(run.output());
  expect(pids).toHaveLength(9);
  for (const pid of pids) expect(process.kill(pid, 0)).toBe(true);
  expect(run.output()).toMatch(/dynamodb started at .*\n/);
  expect(run.output()).toMatch(/\d s {2}users: 4 of 4/);
  expect(await run.end('SIGINT')).toBe(0);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(run.output()).toContain('feed-worker drained');
  expect(readFileSync(join(home, 'logs/feed.log'), 'utf8')).toContain('service.stopped');
});

test('a second start beside a running one says which process runs and how to reach it', async () => {
  const first = start();
  await first.says('Plaza is up');
  const second = start();
  expect(await second.exited).toBe(1);
  expect(second.output()).toContain(`Plaza already runs here, as process ${first.pid}`);
  expect(second.output()).toContain('cheat-sheet.txt');
  expect(await first.end('SIGTERM')).toBe(0);
});

test('after kill -9 nothing stays, the next start takes over the stale lock, and the secrets are the same', async () => {
  const first = start();
  await first.says('Plaza is up');
  const pids = pidsIn(first.output());
  const secrets = readFileSync(join(home, 'keys.json'), 'utf8');
  await first.end('SIGKILL');
  await eventually(() => pids.forEach((pid) => expect(() => process.kill(pid, 0)).toThrow('ESRCH')));
  const second = start();
  await second.says('Plaza is up');
  expect(readFileSync(join(home, 'keys.json'), 'utf8')).toBe(secrets);
  expect(statSync(join(home, 'keys.json')).mode & 0o777).toBe(0o600);
  expect(await second.end('SIGTERM')).toBe(0);
});

test('a child that crashes is started again on its port, and that is said', async () => {
  const run = start();
  await run.says('Plaza is up');
  const [, pid] = /order listens on 127.0.0.1:\d+ \(pid (\d+)\)/.exec(run.output()) ?? [];
  process.kill(Number(pid), 'SIGKILL');
  await run.says('order crashed (SIGKILL); starting it again in 0.05 s');
  await run.says('order is up again');
  expect(await (await fetch(`http://127.0.0.1:${ports['PLAZA_ORDER_ADMIN_PORT']}`)).text()).toBe('ok');
  expect(await run.end('SIGTERM')).toBe(0);
});

test('an engine that dies is started again on its port, and that is said', async () => {
  const run = start({ REDIS_URL: '' });
  await run.says('Plaza is up');
  const [, port, pid] = /redis started at redis:\/\/\S*127.0.0.1:(\d+) \(pid (\d+)\)/.exec(run.output()) ?? [];
  process.kill(Number(pid), 'SIGKILL');
  await run.says('redis died; starting it again over its data');
  await run.says('redis is up again');
  expect(await isFreePort(Number(port))).toBe(false);
  expect(await run.end('SIGTERM')).toBe(0);
});

test('a child that crashes again and again ends the run, with its last words', async () => {
  const run = start({ FAULT: 'crash-loop' });
  expect(await run.exited).toBe(1);
  expect(run.output()).toMatch(/order crashed 6 times in a row \(code 7\); see .*order\.log\n.*\n.*order\.table_missing/);
  expect(run.output()).toContain('user drained');
});

test('a port that is asked for and busy is an error that names it and the variable', async () => {
  const port = Number(new URL(engines.redisUrl).port);
  const run = start({ PLAZA_FEED_PORT: String(port) });
  expect(await run.exited).toBe(1);
  expect(run.output()).toContain(`port ${port} is busy, and PLAZA_FEED_PORT asks for it`);
});

test('a machine without engines hears what was tried and what helps', async () => {
  const run = start({ PATH: home, DYNAMODB_ENDPOINT: '', REDIS_URL: '', NATS_URL: '' });
  expect(await run.exited).toBe(1);
  expect(run.output()).toMatch(/missing: .*java ≥ 17/);
  expect(run.output()).toMatch(/what helps:\n {2}\S+/);
});

test('damaged secrets are not replaced in silence', async () => {
  writeFileSync(join(home, 'keys.json'), '{"keyring":');
  const run = start();
  expect(await run.exited).toBe(1);
  expect(run.output()).toMatch(/keys\.json is damaged; delete it/);
});

test('--once exits 0 when all checks hold, over a lock whose pid belongs to somebody else by now', async () => {
  writeFileSync(join(home, 'launcher.json'), JSON.stringify({ pid: process.pid, port: await freePort() }));
  const run = start({}, '--once');
  expect(await run.exited).toBe(0);
  expect(run.output()).toContain('ok: call 1 of the cheat sheet');
  expect(run.output()).toContain('user drained');
  // The admin token is for the terminal: no log keeps it.
  expect(run.output()).toContain('TOKEN=tiny-secret');
  expect(readFileSync(join(home, 'logs/user.log'), 'utf8')).not.toContain('tiny-secret');
  expect(statSync(join(home, 'cheat-sheet.txt')).mode & 0o777).toBe(0o600);
});

test('--once exits 1 when checks fail, and says which', async () => {
  const run = start({ FAULT: 'incomplete' }, '--once');
  expect(await run.exited).toBe(1);
  expect(run.output()).toContain('FAILED: the demo is whole: 3 posts are missing');
  expect(run.output()).toContain('FAILED: call 1 of the cheat sheet: echo no such method >&2; false: no such method');
});

test('how fresh posts are need not be known to stay up, only for --once', async () => {
  const run = start({ FAULT: 'unmeasurable' });
  await run.says('how fresh: not measured, because feed is starting');
  await run.says('Plaza is up');
  expect(await run.end('SIGTERM')).toBe(0);
  const once = start({ FAULT: 'unmeasurable' }, '--once');
  expect(await once.exited).toBe(1);
  expect(once.output()).toContain('feed is starting');
});

test('Ctrl-C in the middle of the load stops everything too', async () => {
  const run = start({ FAULT: 'slow' });
  await run.says('users: 4 of 4');
  expect(await run.end('SIGINT')).toBe(0);
  expect(run.output()).toContain('user drained');
});

interface Run {
  readonly pid: number;
  readonly exited: Promise<number | null>;
  output(): string;
  says(text: string): Promise<void>;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

const start = (env: Record<string, string | undefined> = {}, ...args: string[]): Run => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/tiny-start.ts'), ...args], {
    env: { PATH: process.env['PATH'], ...engines.env, ...ports, PLAZA_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  const run: Run = {
    pid: child.pid ?? 0,
    exited,
    output: () => output,
    says: (text) => eventually(() => expect(output).toContain(text), { timeoutMs: 60_000 }),
    end: (signal) => {
      child.kill(signal);
      return exited;
    },
  };
  running.add(run);
  void exited.then(() => running.delete(run));
  return run;
};

const pidsIn = (output: string): number[] => [...output.matchAll(/\(pid (\d+)\)/g)].map(([, pid]) => Number(pid));
