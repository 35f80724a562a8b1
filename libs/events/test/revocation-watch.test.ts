import { firstIdAt, newId, noMetrics, silentLog } from '@plaza/core';
import { createProxy, eventually, startNats, uniqueNamespace, type Engine, type Proxy, testerCredentials } from '@plaza/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  connectBus,
  createRelay,
  outboxRow,
  sessionsRevoked,
  startBeat,
  watchRevocations,
  type Bus,
  type OutboxRow,
  type Relay,
  type RevocationWatch,
} from '../src/index.ts';
import { writeHeaders } from '../src/envelope.ts';
import { eventSubject } from '../src/names.ts';
import { createArrayOutbox } from './array-stores.ts';

/** The user service's end and a reader's end, each with a way of its own to one server. */
let nats: Engine;
let userWay: Proxy;
let readerWay: Proxy;
let namespace: string;
let userBus: Bus;
let relay: Relay;
let beat: { close(): void };
let watch: RevocationWatch;
let opened: AsyncDisposableStack;
const shared = { log: silentLog, metrics: noMetrics };

beforeEach(async () => {
  opened = new AsyncDisposableStack();
  nats = await startNats();
  opened.defer(() => nats.stop());
  userWay = opened.adopt(await createProxy({ target: nats.url.replace('nats://', '') }), (it) => it.close());
  readerWay = opened.adopt(await createProxy({ target: nats.url.replace('nats://', '') }), (it) => it.close());
  namespace = uniqueNamespace();
  const bus = (way: Proxy) =>
    connectBus({ url: `nats://${way.address}`, natsCredsFile: testerCredentials(), namespace, ...shared });
  userBus = opened.adopt(bus(userWay), (it) => it.close());
  relay = opened.adopt(createRelay({ bus: userBus, owner: 'user', store: outbox(), pollMs: 300, ...shared }), (it) => it.close());
  beat = opened.adopt(startBeat({ bus: userBus, owner: 'user' }), (it) => it.close());
  const readerBus = opened.adopt(bus(readerWay), (it) => it.close());
  watch = opened.adopt(watchRevocations({ bus: readerBus, ...shared }), (it) => it.close());
  await sure();
  await eventually(async () => {
    if (!(await relay.announce([revoked({ sessionId: 'warm-up' })], 2000))) throw new Error('the stream is not there yet');
  });
});
afterEach(async () => {
  nats.resume();
  await opened.disposeAsync();
});

test('a published end is heard at once: of one session, and of all', async () => {
  const started = performance.now();
  await relay.announce([revoked({ sessionId: 's1', epoch: 0 }), revoked({ epoch: 7 })], 2000);
  await eventually(() => expect(watch.hasEnded('u1', { id: 's1', epoch: 9 })).toBe(true), { everyMs: 1 });
  await eventually(() => expect(watch.hasEnded('u1', { id: 's2', epoch: 6 })).toBe(true), { everyMs: 1 });
  expect(performance.now() - started).toBeLessThan(500);
  expect(watch.hasEnded('u1', { id: 's2', epoch: 7 })).toBe(false);
  expect(watch.hasEnded('u2', { id: 's2', epoch: 6 })).toBe(false);
});

test('the ends of a week ago, which a replay brings, are not kept', async () => {
  const old = firstIdAt(Date.now() - 7 * 24 * 3_600_000);
  await relay.announce([{ ...revoked({ sessionId: 's-old' }), sk: old }, revoked({ sessionId: 's-new' })], 2000);
  await eventually(() => expect(watch.hasEnded('u1', { id: 's-new', epoch: 0 })).toBe(true));
  expect(watch.hasEnded('u1', { id: 's-old', epoch: 0 })).toBe(false);
});

test('one message that cannot be read: unsure until the next beat, then sure anew, and hearing on', async () => {
  const { connection } = userBus.link()!;
  const headers = writeHeaders({ id: newId(), subject: 'any', occurredAt: 0, aggregateId: 'u1', version: 1, trace: '' });
  const before = watch.sureSince()!;
  connection.publish(eventSubject(namespace, sessionsRevoked.subject), Uint8Array.of(0xff, 0xff), { headers });
  await connection.flush();
  const sentAt = performance.now();
  await eventually(() => expect(watch.sureSince() ?? before).toBeGreaterThan(before));
  expect(performance.now() - sentAt).toBeLessThan(1_000);
  await heard('after-the-bad-one');
});

test('without beats it is no longer sure within 750 ms, and anew with the next beat', async () => {
  const before = watch.sureSince()!;
  beat.close();
  const started = performance.now();
  await unsure();
  expect(performance.now() - started).toBeLessThan(1_200);
  const again = startBeat({ bus: userBus, owner: 'user' });
  try {
    expect(await sure()).toBeGreaterThan(before);
  } finally {
    again.close();
  }
});

test('beats of another replica count, those of another namespace do not', async () => {
  const strange = connectBus({ url: nats.url, natsCredsFile: testerCredentials(), namespace: uniqueNamespace(), ...shared });
  const second = connectBus({ url: nats.url, natsCredsFile: testerCredentials(), namespace, ...shared });
  const beats = [startBeat({ bus: strange, owner: 'user' })];
  try {
    beat.close();
    await unsure();
    const before = performance.now();
    beats.push(startBeat({ bus: second, owner: 'user' }));
    expect(await sure()).toBeGreaterThan(before);
  } finally {
    for (const it of beats) it.close();
    await Promise.all([strange.close(), second.close()]);
  }
});

test('a server that is killed and comes back', async () => {
  const before = watch.sureSince()!;
  await nats.kill();
  await unsure();
  await nats.start();
  expect(await sure()).toBeGreaterThan(before);
  await heard('after-restart');
});

test('a server that stands still and goes on', async () => {
  nats.pause();
  const started = performance.now();
  await unsure();
  expect(performance.now() - started).toBeLessThan(1_200);
  nats.resume();
  await sure();
  await heard('after-resume');
});

test.each([
  ['the user service', () => userWay],
  ['the reader', () => readerWay],
])('the way of %s: broken, silent, or slow', async (_whose, way) => {
  const faults = { cut: () => way().cut(), blackhole: () => way().blackhole(), latency: () => way().latency(1_500) };
  for (const [name, strike] of Object.entries(faults)) {
    const started = performance.now();
    strike();
    await unsure();
    expect(performance.now() - started).toBeLessThan(1_200);
    way().heal();
    await sure();
    await heard(name);
  }
});

test('what the user service could not publish is heard when its way is back, though nobody announces it again', async () => {
  userWay.cut();
  await eventually(() => expect(userBus.connected()).toBe(false));
  expect(await relay.announce([revoked({ sessionId: 's-late' })], 2000)).toBe(false);
  expect(watch.hasEnded('u1', { id: 's-late', epoch: 0 })).toBe(false);
  userWay.heal();
  await eventually(() => expect(watch.hasEnded('u1', { id: 's-late', epoch: 0 })).toBe(true));
});

test('what one replica cannot publish is published by another within a second, while it beats', async () => {
  await using other = new AsyncDisposableStack();
  const bus = other.adopt(connectBus({ url: nats.url, natsCredsFile: testerCredentials(), namespace, ...shared }), (it) =>
    it.close(),
  );
  other.adopt(createRelay({ bus, owner: 'user', store: rows, pollMs: 300, ...shared }), (it) => it.close());
  other.adopt(startBeat({ bus, owner: 'user' }), (it) => it.close());
  await eventually(() => expect(bus.connected()).toBe(true));
  userWay.cut();
  await eventually(() => expect(userBus.connected()).toBe(false));
  await sure();
  for (const sessionId of ['s1', 's2', 's3', 's4']) {
    expect(await relay.announce([revoked({ sessionId })], 2000)).toBe(false);
    const endedAt = performance.now();
    await eventually(() => expect(watch.hasEnded('u1', { id: sessionId, epoch: 0 })).toBe(true), { everyMs: 5 });
    expect(performance.now() - endedAt).toBeLessThan(1_000);
    expect(watch.sureSince()).toBeDefined();
  }
});

let rows: ReturnType<typeof createArrayOutbox>;
const outbox = () => (rows = createArrayOutbox());

/** As a transaction of the user service leaves it. */
const revoked = ({ sessionId = '', epoch = 0 }: { sessionId?: string; epoch?: number }): OutboxRow => {
  const payload = { userId: 'u1', sessionId, epoch: BigInt(epoch) };
  const row = outboxRow(sessionsRevoked, payload, { aggregateId: 'u1', version: epoch, at: Date.now(), trace: '' });
  rows.commit(row);
  return row;
};

const heard = async (sessionId: string) => {
  const row = revoked({ sessionId });
  await eventually(async () => {
    await relay.announce([row], 500);
    expect(watch.hasEnded('u1', { id: sessionId, epoch: 0 })).toBe(true);
  });
};

const sure = (): Promise<number> =>
  eventually(
    () => {
      const since = watch.sureSince();
      if (since === undefined) throw new Error('not sure');
      return since;
    },
    { timeoutMs: 20_000, everyMs: 5 },
  );

const unsure = () =>
  eventually(
    () => {
      if (watch.sureSince() !== undefined) throw new Error('sure');
    },
    { timeoutMs: 20_000, everyMs: 5 },
  );
