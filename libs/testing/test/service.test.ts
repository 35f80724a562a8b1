import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { eventually, freePort, spawnService } from '../src/index.ts';

const TINY = join(import.meta.dirname, 'fixtures/tiny-service.ts');

test('a service is up when it has announced its ports, and logs what it says', async () => {
  const lines: string[] = [];
  const service = await spawnService({ name: 'tiny', entry: TINY, env: {}, log: (line) => lines.push(line) });
  expect(await hear(service.port)).toBe('hello');
  expect(service.adminPort).toBe(1);
  expect(await service.stop()).toEqual({ code: 0, signal: null });
  expect(lines.at(-1)).toContain('service.stopped');
});

test('after a kill it restarts on the same port, with what was changed in its environment', async () => {
  const port = await freePort();
  const service = await spawnService({ name: 'tiny', entry: TINY, env: { LISTEN: `127.0.0.1:${port}` } });
  const first = service.pid;
  service.kill();
  expect(await service.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await service.restart({ GREETING: 'again' });
  expect(service.pid).not.toBe(first);
  expect(await hear(port)).toBe('again');
  await service.stop();
});

test('a service that dies at once says why', async () => {
  const failure = spawnService({ name: 'tiny', entry: TINY, env: { MODE: 'dies' } });
  await expect(failure).rejects.toThrow(/tiny ended before it had started \(code 3\).*\n.*NATS_URL is missing/);
});

test('a service that never announces itself is given up and ended', async () => {
  const failure = spawnService({ name: 'tiny', entry: TINY, env: { MODE: 'silent' }, readyMs: 1_000 });
  await expect(failure).rejects.toThrow('tiny did not start within 1000 ms');
});

test('one that does not hear SIGTERM is killed when its time is up', async () => {
  const service = await spawnService({ name: 'tiny', entry: TINY, env: { MODE: 'deaf' } });
  expect(await service.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
});

test('what a killed process had started does not outlive it', async () => {
  const maker = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/orphan-maker.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise<number>((resolve) => maker.stdout.once('data', (bytes: Buffer) => resolve(Number(bytes))));
  expect(process.kill(pid, 0)).toBe(true);
  maker.kill('SIGKILL');
  await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeoutMs: 20_000 });
});

const hear = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', reject);
    socket.on('data', (bytes) => resolve(bytes.toString()));
  });
