import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseEnv } from 'node:util';

import { connectRedis } from '@plaza/cache';
import { noMetrics, silentLog, type Log } from '@plaza/core';
import { connectBus } from '@plaza/events';
import { eventually, ROOT, startNats, startRedis } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'plaza-installation-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('one command makes all secrets of an installation, keeps them, and makes those of one service anew', async () => {
  expect(credentials()).toContain('made secrets.json');
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
  const everybodyChecksIt = paths.filter((path) => path.endsWith('.env'));
  expect(changed.toSorted()).toEqual(
    [...everybodyChecksIt, 'nats/accounts.conf', creds, 'redis/users.acl', 'secrets.json'].toSorted(),
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

  const opener = opened.adopt(redisAt(redis.url), (it) => it.close());
  await eventually(() => expect(opener.up()).toBe(true));
  const [, name, ...rules] = /^user order .*/m.exec(contents()['redis/users.acl']!)![0].split(' ');
  await opener.send({ trace: '' }, [{ name: 'acl', args: ['setuser', name!, 'reset', ...rules] }]);
  const order = opened.adopt(redisAt(REDIS_URL!.replace('redis:6379', new URL(redis.url).host)), (it) => it.close());
  await eventually(() => expect(order.up()).toBe(true));
  expect(await order.send({ trace: '' }, [{ name: 'get', args: ['order:cache:x'] }])).toEqual([null]);
  await expect(order.send({ trace: '' }, [{ name: 'get', args: ['feed:cache:x'] }])).rejects.toMatchObject({
    reason: 'STORE_UNAVAILABLE',
  });
});

test('what is not understood is answered by how it is used', () => {
  expect(() => credentials('--rotate', 'nobody')).toThrow('npm run credentials');
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

const redisAt = (url: string) => connectRedis({ url, owner: 'order', log: silentLog, metrics: noMetrics });
