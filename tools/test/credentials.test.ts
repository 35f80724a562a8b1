import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseEnv } from 'node:util';

import { connectRedis, type Redis } from '@plaza/cache';
import { noMetrics, silentLog, type Log } from '@plaza/core';
import { connectBus, inspectBus } from '@plaza/events';
import { eventually, ROOT, startNats, startRedis } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'plaza-installation-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('one command makes all secrets of an installation, keeps them, and makes those of one service anew', async () => {
  expect(credentials('--redis', 'redis://cache:6379')).toContain('made secrets.json');
  // What was said once need not be said again.
  expect(contents()['order.env']).toContain('@cache:6379');
  const paths = Object.keys(contents());
  expect(paths).toEqual(expect.arrayContaining(['feed-worker.env', 'nats/nats.conf', 'nats/order.creds', 'redis/users.acl']));
  expect(paths).toEqual(expect.arrayContaining(['order', 'gateway', 'nats'].map((name) => `certificates/${name}-key.pem`)));
  // A certificate is shown to everybody; its key is not.
  const secret = paths.filter((path) => !path.endsWith('.pem') || path.endsWith('-key.pem'));
  expect(secret.filter((path) => (statSync(join(folder, path)).mode & 0o777) !== 0o600)).toEqual([]);

  const first = contents();
  expect(credentials()).toContain('is as it should be');
  expect(contents()).toEqual(first);

  // A release that consumes something new: this user's rights are out of date.
  const creds = 'nats/order.creds';
  writeFileSync(join(folder, creds), first['nats/feed.creds']!);
  expect(credentials()).toContain(`made ${creds}`);

  credentials('--rotate', 'order');
  const second = contents();
  const changed = paths.filter((path) => first[path] !== second[path]);
  const everybodyChecksIt = paths.filter((path) => path.endsWith('.env') && path !== 'operator.env');
  expect(changed.toSorted()).toEqual(
    [...everybodyChecksIt, 'nats/accounts.conf', creds, 'redis/users.acl', 'secrets.json'].toSorted(),
  );

  credentials('--rotate', 'operator');
  const third = contents();
  expect(paths.filter((path) => second[path] !== third[path]).toSorted()).toEqual(
    ['nats/accounts.conf', 'nats/operator.creds', 'operator.env', 'redis/users.acl', 'secrets.json'].toSorted(),
  );
});

test('a service is let in by what was made for it, and by nothing of before', async () => {
  const before = join(folder, 'before.creds');
  writeFileSync(before, contents()['nats/order.creds']!);
  credentials('--rotate', 'order');
  await using opened = new AsyncDisposableStack();
  const nats = opened.adopt(await startNats({ args: ['-c', join(folder, 'nats/accounts.conf')] }), (it) => it.stop());
  const redis = opened.adopt(await startRedis(), (it) => it.stop());
  const connect = (natsCredsFile: string) => {
    const told: string[] = [];
    const log: Log = { ...silentLog, error: (event) => void told.push(event) };
    const about = { url: nats.url, namespace: '', owner: 'order', natsCredsFile, log, metrics: noMetrics };
    return { told, bus: opened.adopt(connectBus(about), (it) => it.close()) };
  };
  const { REDIS_URL, NATS_CREDS_FILE } = parseEnv(contents()['order.env']!);
  const now = connect(NATS_CREDS_FILE!);
  const outdated = connect(before);
  await eventually(() => expect([now.bus.connected(), outdated.told]).toEqual([true, ['bus.login_refused']]));

  const order = await redisAs('order', REDIS_URL!, redis.url, opened);
  expect(await order.send({ trace: '' }, [{ name: 'get', args: ['order:cache:x'] }])).toEqual([null]);
  await expect(order.send({ trace: '' }, [{ name: 'get', args: ['feed:cache:x'] }])).rejects.toMatchObject({
    reason: 'STORE_UNAVAILABLE',
  });
});

test('an operator looks at both engines by what was made for operators', async () => {
  await using opened = new AsyncDisposableStack();
  const nats = opened.adopt(await startNats({ args: ['-c', join(folder, 'nats/accounts.conf')] }), (it) => it.stop());
  const redis = opened.adopt(await startRedis(), (it) => it.stop());
  const { REDIS_URL, NATS_CREDS_FILE, SIGNING_KEY } = parseEnv(contents()['operator.env']!);
  const about = { url: nats.url, namespace: '', natsCredsFile: NATS_CREDS_FILE!, log: silentLog, metrics: noMetrics };
  const bus = opened.adopt(connectBus(about), (it) => it.close());
  expect(await inspectBus(bus, 5_000)).toMatchObject({ streams: [] });
  const operator = await redisAs('operator', REDIS_URL!, redis.url, opened);
  expect(await operator.send({ trace: '' }, [{ name: 'get', args: ['feed:cache:x'] }])).toEqual([null]);
  expect(SIGNING_KEY).toBe(parseEnv(contents()['user.env']!)['SIGNING_KEY']);
});

test('what is not understood is answered by how it is used', () => {
  expect(() => credentials('--rotate', 'nobody')).toThrow('--rotate takes one of user');
});

const credentials = (...args: string[]): string => {
  const script = [join(ROOT, 'tools/n.sh'), join(ROOT, 'tools/src/credentials.ts'), folder, ...args];
  const { status, stdout, stderr } = spawnSync('sh', script, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  return stdout;
};

const contents = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'before.creds')
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [relative(folder, path), readFileSync(path, 'utf8')]),
  );

/** Comes as a user of the installation, whose line of users.acl the server is told. */
const redisAs = async (user: string, url: string, server: string, opened: AsyncDisposableStack): Promise<Redis> => {
  const opener = opened.adopt(redisAt(server), (it) => it.close());
  await eventually(() => expect(opener.up()).toBe(true));
  const [, name, ...rules] = new RegExp(`^user ${user} .*`, 'm').exec(contents()['redis/users.acl']!)![0].split(' ');
  await opener.send({ trace: '' }, [{ name: 'acl', args: ['setuser', name!, 'reset', ...rules] }]);
  const redis = opened.adopt(redisAt(url.replace('cache:6379', new URL(server).host)), (it) => it.close());
  await eventually(() => expect(redis.up()).toBe(true));
  return redis;
};

const redisAt = (url: string) => connectRedis({ url, owner: 'order', log: silentLog, metrics: noMetrics });
