import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { noMetrics, silentLog } from '@plaza/core';
import { connectBus } from '@plaza/events';
import { afterAll, expect, test } from 'vitest';

import { freePort, startEngines, startNats, startRedis, testerCredentials, type Step } from '../src/index.ts';

const LOGIN = 'AUTH tests tests\r\n';

const folder = mkdtempSync(join(tmpdir(), 'plaza-engines-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a killed engine starts again on its port, a stopped one is gone', async () => {
  const redis = await startRedis();
  const first = redis.pid;
  expect(await say(redis.port, `${LOGIN}SET a 1\r\nGET a\r\n`)).toContain('$1\r\n1');
  await redis.kill();
  expect(redis.pid).toBe(0);
  await expect(say(redis.port, 'PING\r\n')).rejects.toThrow('ECONNREFUSED');
  await redis.start();
  expect(redis.pid).not.toBe(first);
  expect(await say(redis.port, `${LOGIN}GET a\r\n`)).toContain('$-1');
  await redis.stop();
  expect(() => process.kill(first, 0)).toThrow('ESRCH');
  await expect(say(redis.port, 'PING\r\n')).rejects.toThrow('ECONNREFUSED');
});

test('a paused engine keeps its connections and does not answer until it is resumed', async () => {
  const redis = await startRedis();
  redis.pause();
  await expect(say(redis.port, 'PING\r\n', 200)).rejects.toThrow('silence');
  redis.resume();
  expect(await say(redis.port, 'PING\r\n')).toMatch(/^-NOAUTH/);
  redis.pause();
  await redis.stop();
  expect(redis.pid).toBe(0);
});

test('wipe empties the store and the engine is back on the same port', async () => {
  const dataDir = join(folder, 'nats');
  const nats = await startNats({ dataDir });
  const bus = connectBus({
    url: nats.url,
    natsCredsFile: testerCredentials(),
    namespace: '',
    log: silentLog,
    metrics: noMetrics,
  });
  const link = await bus.linked(new AbortController().signal);
  await link!.admin.streams.add({ name: 'S', subjects: ['wiped'] });
  await bus.close();
  const kept = () => readdirSync(join(dataDir, 'jetstream'), { recursive: true }).map(String);
  expect(kept()).toContainEqual(expect.stringMatching(/streams\/S$/));
  await nats.wipe();
  expect(kept()).not.toContainEqual(expect.stringMatching(/streams\/S$/));
  expect(await say(nats.port, '')).toContain('INFO');
  await nats.stop();
});

test('a port that is asked for and taken is an error that names it', async () => {
  const port = await freePort();
  const redis = await startRedis({ port });
  await expect(startRedis({ port })).rejects.toThrow(`port ${port} is taken`);
  await redis.stop();
});

test('endpoints of the environment come first, and the rest is started', async () => {
  const redis = await startRedis();
  const nats = await startNats();
  const steps: Step[] = [];
  const env = { PATH: process.env['PATH'], REDIS_URL: redis.url, NATS_URL: nats.url, DYNAMODB_ENDPOINT: '' };
  const engines = await startEngines({ env, report: (step) => steps.push(step) });
  expect(engines.redisUrl).toBe(redis.url);
  expect(engines.started.map((engine) => engine.name)).toEqual(['dynamodb']);
  expect(steps.map((step) => step.text)).toContainEqual(expect.stringMatching(/^dynamodb started at http:.*pid \d+/));
  await engines.close();
  expect(await say(redis.port, 'PING\r\n')).toMatch(/^-NOAUTH/);
  await Promise.all([redis.stop(), nats.stop()]);
});

test('an endpoint that does not answer is an error that names it', async () => {
  const env = { PATH: process.env['PATH'], REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
  await expect(startEngines({ env })).rejects.toThrow(/redis does not answer at 127\.0\.0\.1/);
});

test('a machine that lacks everything hears what was tried and the one command that helps', async () => {
  const failure = await startEngines({ env: { PATH: folder }, cacheDir: folder }).catch((error: unknown) => String(error));
  expect(failure).toMatch(/missing: .*redis-server.*java ≥ 17/);
  expect(failure).toContain('REDIS_URL is not set');
  expect(failure).toContain('there is no docker');
  expect(failure).toContain('neither apt-get nor brew is on PATH');
  expect(failure).toMatch(/what helps:\n {2}(sudo apt-get|brew) .*redis/);
});

/** Speaks to a port in clear and hears what comes back at once. */
const say = (port: number, words: string, silenceMs = 2_000): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let heard = '';
    const end = () => {
      socket.destroy();
      if (heard === '') reject(new Error('silence'));
      else resolve(heard);
    };
    socket.setTimeout(silenceMs, end);
    socket.on('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code ?? error.message)));
    socket.on('connect', () => socket.write(words));
    socket.on('data', (bytes) => {
      heard += bytes.toString();
      socket.setTimeout(100, end);
    });
  });
