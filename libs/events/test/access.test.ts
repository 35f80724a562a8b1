import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { noMetrics, silentLog, type Log } from '@plaza/core';
import {
  asItself,
  asOperator,
  createNatsAuthority,
  eventually,
  natsCredentials,
  ownerOf,
  startNats,
  testContext,
  testerCredentials,
  uniqueNamespace,
  type Engine,
  type ProcessName,
} from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  connectBus,
  createConsumers,
  followEvents,
  inspectBus,
  createRelay,
  outboxRow,
  userErasureRequested,
  type Bus,
} from '../src/index.ts';
import type { Link } from '../src/bus.ts';
import { createArrayLetters, createArrayOutbox } from './array-stores.ts';
import { failedRow } from './world.ts';

let nats: Engine;
beforeAll(async () => void (nats = await startNats()));
afterAll(() => nats.stop());

const ns = uniqueNamespace();

/** Who oversteps, how, and which subject the server names. */
const OVERSTEPS: [ProcessName, string, (link: Link) => unknown, string][] = [
  ['order', "publishes a user's event", ({ stream }) => stream.publish(`${ns}.plaza.user.v1.UserDeleted`), 'UserDeleted'],
  ['order', 'asks for a purge', ({ stream }) => stream.publish(`${ns}.plaza.user.v1.UserErasureRequested`), 'ErasureRequested'],
  [
    'user',
    "consumes order's stream",
    ({ admin }) => consume(admin, 'ORDER', 'user-x', 'plaza.order.v1.OrderPaid'),
    'PLAZA_ORDER',
  ],
  [
    'user',
    'consumes by a durable of feed',
    ({ admin }) => admin.consumers.info(`${ns}_PLAZA_USER`, 'feed-notify-welcome'),
    'welcome',
  ],
  ['feed', 'takes another event', ({ admin }) => consume(admin, 'ORDER', 'feed-count-sales', 'plaza.order.v1.>'), 'v1.>'],
  [
    'feed',
    "works product's tasks",
    ({ admin }) => consumeTasks(admin, 'feed-x', 'plaza.product.v1.ProductViews'),
    'ProductViews',
  ],
  [
    'feed',
    "fetches product's tasks",
    ({ connection }) => connection.request(nextOf('TASKS', 'product-count-views')),
    'product-count-views',
  ],
  ['product', 'purges its stream', ({ admin }) => admin.streams.purge(`${ns}_PLAZA_PRODUCT`), 'STREAM.PURGE'],
  ['product', 'deletes its stream', ({ admin }) => admin.streams.delete(`${ns}_PLAZA_PRODUCT`), 'STREAM.DELETE'],
  ['product', 'lists all streams', ({ admin }) => admin.streams.list().next(), 'STREAM.LIST'],
  ['social-graph', "hears another's answers", ({ connection }) => heard(connection, `_INBOX_${ns}_order.>`), '_INBOX'],
  ['social-graph', 'hears everything', ({ connection }) => heard(connection, '>'), '>'],
  ['feed-worker', 'beats for the user service', ({ connection }) => connection.publish(`${ns}.beats.user`), 'beats.user'],
  ['user', "redrives another's letters", ({ stream }) => stream.publish(`${ns}.tasks.redrive.feed`), 'redrive.feed'],
  ['order', 'reaches another namespace', ({ stream }) => stream.publish('other.plaza.order.v1.OrderPaid'), 'other.plaza'],
];

test.each(OVERSTEPS)('%s %s: refused, told of, and the service goes on', async (name, _, overstep, subject) => {
  await using opened = new AsyncDisposableStack();
  const { bus, told } = connect(name, opened);
  const link = (await bus.linked(new AbortController().signal))!;
  await Promise.resolve(overstep(link)).catch(() => undefined);
  await eventually(() => expect(told).toContainEqual(expect.stringMatching(/^bus\.permission_refused .*/)));
  expect(told.join('\n')).toContain(subject);
  await link.connection.flush();
  expect(bus.link()).toBe(link);
});

test('a service publishes, consumes and hands out its dead letters again as itself, though another publishes the event', async () => {
  await using opened = new AsyncDisposableStack();
  const [user, order] = [connect('user', opened), connect('order', opened)];
  const outbox = createArrayOutbox();
  const about = { log: silentLog, metrics: noMetrics };
  const relay = opened.adopt(createRelay({ bus: user.bus, owner: 'user', store: outbox, ...about, pollMs: 50 }), (it) =>
    it.close(),
  );
  const own = createArrayOutbox();
  opened.adopt(createRelay({ bus: order.bus, owner: 'order', store: own, ...about, pollMs: 50 }), (it) => it.close());
  const deadLetters = createArrayLetters();
  const options = { bus: order.bus, service: 'order', deadLetters, ...about, backoffMs: [1] };
  const consumers = opened.adopt(createConsumers(options), (it) => it.close());
  let broken = true;
  const handled: string[] = [];
  consumers.on(userErasureRequested, {
    durable: 'order-erase-user',
    handle: async (_ctx, { userId }) => {
      if (broken) throw new Error('broken');
      handled.push(userId);
    },
  });
  consumers.start();
  own.commit(failedRow('o1'));
  outbox.commit(outboxRow(userErasureRequested, ERASURE, { aggregateId: 'u1', version: 1, at: Date.now(), trace: '' }));
  await eventually(() => expect(deadLetters.all()).toHaveLength(1));
  broken = false;
  await consumers.redrive(testContext(), deadLetters.all()[0]!.id);
  await eventually(() => expect([handled, deadLetters.all()]).toEqual([['u1'], []]));
  await eventually(() => expect([own.archived(), outbox.archived()]).toEqual([1, 1]));
  expect([...user.told, ...order.told]).toEqual([]);
  expect(relay.bus.connected()).toBe(true);
});

const STRANGERS: [string, content: string | undefined][] = [
  ['whom another authority vouches for', natsCredentials(createNatsAuthority(), 'order')],
  ['whose file is none of credentials', '-----BEGIN NATS USER JWT-----\n'],
  ['whose file is not there', undefined],
];

test.each(STRANGERS)('one %s is not let in, which is told of once, and is as soon as the file is another', async (_, content) => {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'plaza-stranger-'));
  opened.defer(() => rmSync(folder, { recursive: true }));
  const natsCredsFile = join(folder, 'order.creds');
  if (content !== undefined) writeFileSync(natsCredsFile, content);
  const { bus, told } = connect('order', opened, { natsCredsFile });
  await eventually(() => expect(told).toEqual([expect.stringMatching(/^bus\.login_refused/)]));
  expect(bus.connected()).toBe(false);
  copyFileSync(testerCredentials(), natsCredsFile);
  await eventually(() => expect(bus.connected()).toBe(true));
  expect(told).toHaveLength(1);
});

const OPERATOR_OVERSTEPS: [string, (link: Link) => unknown, string][] = [
  ['publishes an event', ({ stream }) => stream.publish(`${ns}.plaza.order.v1.OrderPaid`), 'OrderPaid'],
  ['deletes a stream', ({ admin }) => admin.streams.delete(`${ns}_PLAZA_USER`), 'STREAM.DELETE'],
  ['purges a stream', ({ admin }) => admin.streams.purge(`${ns}_PLAZA_USER`), 'STREAM.PURGE'],
  [
    'changes a service’s consumer',
    ({ admin }) => consume(admin, 'USER', 'order-erase-user', ERASURE_SUBJECT),
    'order-erase-user',
  ],
  ['deletes it', ({ admin }) => admin.consumers.delete(`${ns}_PLAZA_USER`, 'order-erase-user'), 'CONSUMER.DELETE'],
  ['takes its messages', ({ connection }) => connection.request(nextOf('PLAZA_USER', 'order-erase-user')), 'MSG.NEXT'],
  ['takes tasks', ({ admin }) => consumeTasks(admin, 'mine', 'plaza.product.v1.ProductViews'), 'TASKS'],
  ['hears the answers of a service', ({ connection }) => heard(connection, `_INBOX_${ns}_order.>`), '_INBOX'],
];

test.each(OPERATOR_OVERSTEPS)('an operator %s: refused', async (_, overstep, subject) => {
  await using opened = new AsyncDisposableStack();
  const { bus, told } = connectOperator(opened);
  const link = (await bus.linked(new AbortController().signal))!;
  await Promise.resolve(overstep(link)).catch(() => undefined);
  await eventually(() => expect(told.join('\n')).toMatch(/^bus\.permission_refused /));
  expect(told.join('\n')).toContain(subject);
});

test('an operator sees what waits for whom, and reads the events of a service beside its consumers', async () => {
  await using opened = new AsyncDisposableStack();
  const user = connect('user', opened);
  const outbox = createArrayOutbox();
  const relay = { bus: user.bus, owner: 'user', store: outbox, log: silentLog, metrics: noMetrics, pollMs: 50 };
  opened.adopt(createRelay(relay), (it) => it.close());
  const { bus, told } = connectOperator(opened);
  const heardOf: string[] = [];
  const hear = ({ aggregateId }: { aggregateId: string }) => void heardOf.push(aggregateId);
  opened.adopt(followEvents({ bus, owner: 'user', subject: '*', from: 0, log: silentLog, hear }), (it) => it.close());
  outbox.commit(outboxRow(userErasureRequested, ERASURE, { aggregateId: 'u2', version: 1, at: Date.now(), trace: '' }));
  await eventually(() => expect(heardOf).toContain('u2'));
  const { streams } = await inspectBus(bus, 5_000);
  expect(streams.map(({ name }) => name)).toContain(`${ns}_PLAZA_USER`);
  expect(told).toEqual([]);
});

const ERASURE_SUBJECT = userErasureRequested.subject;

const ERASURE = { userId: 'u1', deleteTime: undefined };

const AT = () => ({ namespace: ns, redisUrl: 'redis://none' });

const connect = (name: ProcessName, opened: AsyncDisposableStack, over: { natsCredsFile?: string } = {}) =>
  connectWith({ ...asItself(name, AT()), ...over, owner: ownerOf(name) }, opened);

const connectOperator = (opened: AsyncDisposableStack) => connectWith(asOperator(AT()), opened);

const connectWith = (as: { namespace: string; natsCredsFile: string; owner?: string }, opened: AsyncDisposableStack) => {
  const told: string[] = [];
  const log: Log = { ...silentLog, error: (event, fields) => void told.push(`${event} ${String(fields?.['subject'])}`) };
  log.with = () => log;
  const bus: Bus = connectBus({ url: nats.url, ...as, log, metrics: noMetrics });
  opened.defer(() => bus.close());
  return { bus, told };
};

const consume = (admin: Link['admin'], owner: string, durable_name: string, subject: string) =>
  admin.consumers.add(`${ns}_PLAZA_${owner}`, { durable_name, filter_subject: `${ns}.${subject}` });

const consumeTasks = (admin: Link['admin'], durable_name: string, subject: string) =>
  admin.consumers.add(`${ns}_TASKS`, { durable_name, filter_subject: `${ns}.tasks.${subject}` });

const nextOf = (stream: string, durable: string) => `$JS.API.CONSUMER.MSG.NEXT.${ns}_${stream}.${durable}`;

const heard = (connection: Link['connection'], subject: string) => {
  connection.subscribe(subject, { callback: () => undefined });
  return connection.flush();
};
