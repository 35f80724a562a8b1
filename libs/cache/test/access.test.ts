import { readdirSync, readFileSync } from 'node:fs';

import { silentLog, type Log } from '@plaza/core';
import { redisUrlOf, uniqueNamespace } from '@plaza/testing';
import { expect, test } from 'vitest';

import { connectRedis, createSnapshots, inspectRedis } from '../src/index.ts';
import { COMMANDS } from '../src/command.ts';
import { NOBODY } from '../src/connect.ts';
import { useRedis } from './setup.ts';

// That a service's user may do all that this library does is shown by the other tests here: they come as one.
const bench = useRedis();

test.each([
  ['reading what another service keeps', { name: 'get', args: ['t1:feed:cache:doc:{a}'] }],
  ['writing it', { name: 'set', args: ['t1:feed:cache:doc:{a}', 'x'] }],
  ['a script that reads it', { name: 'eval', args: ["return redis.call('GET', KEYS[1])", 1, 't1:feed:cache:doc:{a}'] }],
  ['a script that reads it unannounced', { name: 'eval', args: ["return redis.call('GET', 't1:feed:cache:doc:{a}')", 0] }],
  ['emptying the server', { name: 'flushall', args: [] }],
  ['looking for keys', { name: 'keys', args: ['*'] }],
  ['reconfiguring the server', { name: 'config', args: ['get', '*'] }],
  ['changing who may do what', { name: 'acl', args: ['list'] }],
  ['publishing', { name: 'publish', args: ['t1:order:x', 'x'] }],
])('%s is refused each time and told of once, and the service goes on', async (_, command) => {
  const told: string[] = [];
  const log: Log = { ...silentLog, error: (event, fields) => void told.push(`${event} ${String(fields?.['message'])}`) };
  const order = connectRedis({ ...bench().tester, owner: 'order', url: redisUrlOf('order', bench().engine.url), log });
  await bench().back(order);
  for (let i = 0; i < 3; i++) await expect(order.send(NOBODY, [command])).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
  expect(told).toEqual([expect.stringMatching(/^cache\.command\.refused .*(NOPERM|ACL|can't run|can't access)/)]);
  const snapshots = createSnapshots({ redis: order, namespace: uniqueNamespace(), name: 'page', ttlMs: 60_000 });
  expect(await snapshots.find((await snapshots.keep('goes on'))!)).toBe('goes on');
  await order.close();
});

test('an operator looks at everything and empties it, and writes nothing', async () => {
  const opened = (url: string) => connectRedis({ ...bench().tester, owner: 'order', url });
  const [order, operator] = [opened(redisUrlOf('order', bench().engine.url)), opened(redisUrlOf('operator', bench().engine.url))];
  await bench().back(order);
  await bench().back(operator);
  const key = 't1:order:cache:doc:{a}';
  await order.send(NOBODY, [{ name: 'set', args: [key, 'x'] }]);
  expect(await operator.send(NOBODY, [{ name: 'get', args: [key] }])).toEqual(['x']);
  for (const [name = '', ...args] of [
    ['set', key, 'y'],
    ['del', key],
    ['keys', '*'],
    ['config', 'get', '*'],
    ['acl', 'list'],
    ['shutdown'],
  ])
    await expect(operator.send(NOBODY, [{ name, args }])).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
  expect((await inspectRedis(redisUrlOf('operator', bench().engine.url), 5_000)).policy).toBe('noeviction');
  await operator.send(NOBODY, [{ name: 'flushall', args: [] }]);
  expect(await order.send(NOBODY, [{ name: 'get', args: [key] }])).toEqual([null]);
  await order.close();
  await operator.close();
});

test('who is not known is not let in, which is told of once', async () => {
  const told: string[] = [];
  const log: Log = { ...silentLog, error: (event) => void told.push(event) };
  const url = redisUrlOf('order', bench().engine.url).replace('order:order', 'order:guess');
  const stranger = connectRedis({ ...bench().tester, owner: 'order', url, log });
  await expect.poll(() => told, { timeout: 5_000 }).toEqual(['cache.login.refused']);
  expect(stranger.up()).toBe(false);
  await stranger.close();
});

test('a user who may not even ask whether Redis is there is told of, and Redis counts as away', async () => {
  await bench().tester.send(NOBODY, [{ name: 'acl', args: ['setuser', 'nobody', 'on', '>nobody', '-@all', '+info'] }]);
  const told: string[] = [];
  const log: Log = { ...silentLog, error: (event, fields) => void told.push(`${event} ${String(fields?.['message'])}`) };
  const url = redisUrlOf('order', bench().engine.url).replace('order:order', 'nobody:nobody');
  const nobody = connectRedis({ ...bench().tester, owner: 'order', url, log });
  await expect.poll(() => told, { timeout: 5_000 }).toEqual([expect.stringMatching(/^cache\.command\.refused NOPERM.*ping/)]);
  expect(nobody.up()).toBe(false);
  await nobody.close();
});

test('no command is allowed that is never sent', () => {
  const folder = new URL('../src/', import.meta.url);
  const source = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  const sent = COMMANDS.filter((name) => new RegExp(`(command\\(|name: |, )'${name}(Buffer)?'`).test(source));
  expect(sent).toEqual(COMMANDS);
});
