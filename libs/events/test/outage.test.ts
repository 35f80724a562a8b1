import process from 'node:process';

import { noMetrics, pause, silentLog } from '@plaza/core';
import { eventually, startNats, type Engine, testerCredentials } from '@plaza/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { connectBus, fanOutChunk, orderFailed } from '../src/index.ts';
import { createWorld, failedRow, type World } from './world.ts';

let nats: Engine;
let world: World;
beforeEach(async () => {
  nats = await startNats();
  world = createWorld(nats.url);
});
afterEach(async () => {
  await world.close();
  await nats.stop();
});

test('with the bus away from the start, writes wait in the outbox and arrive later', async () => {
  await nats.kill();
  const seen = listen();
  const relay = world.relay();
  const row = failedRow('o1');
  world.outbox.commit(row);
  relay.nudge([row]);
  await expect(relay.bus.enqueue(fanOutChunk, CHUNK, { id: 'p1/0' })).rejects.toMatchObject({ reason: 'BUS_UNAVAILABLE' });
  expect(relay.bus.connected()).toBe(false);
  await nats.start();
  await eventually(() => expect(seen).toEqual(['o1']));
});

test('everything can be closed while the bus is away', async () => {
  await nats.kill();
  listen();
  const { bus } = world.relay();
  await world.close();
  expect(await bus.linked(new AbortController().signal)).toBeUndefined();
});

test('killing the bus loses nothing', async () => {
  const seen = listen();
  const relay = world.relay();
  const commit = (id: string) => {
    const row = failedRow(id);
    world.outbox.commit(row);
    relay.nudge([row]);
  };
  for (let round = 0; round < 3; round++) {
    await eventually(() => expect(relay.bus.connected()).toBe(true));
    for (let i = 0; i < 50; i++) commit(`a${round}/${i}`);
    await nats.kill();
    await eventually(() => expect(relay.bus.connected()).toBe(false));
    for (let i = 0; i < 50; i++) commit(`b${round}/${i}`);
    await nats.start();
  }
  await eventually(() => expect(new Set(seen).size).toBe(300), { timeoutMs: 20_000 });
  await eventually(() => expect(world.outbox.waiting()).toBe(0));
});

test('a task that a standing bus does not take is given up when its caller has no more time', async () => {
  const { bus } = world.relay();
  await eventually(() => bus.enqueue(fanOutChunk, CHUNK, { id: 'p1/0' }));
  nats.pause();
  // The first one may still come through. Left to itself, a publication would be waited for 5 s.
  let tries = 0;
  await eventually(async () => {
    const began = performance.now();
    const late = bus.enqueue(fanOutChunk, CHUNK, { id: `p2/${tries++}`, timeoutMs: 200 });
    await expect(late).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'BUS_UNAVAILABLE' });
    expect(performance.now() - began).toBeLessThan(4000);
  });
  nats.resume();
  await eventually(() => bus.enqueue(fanOutChunk, CHUNK, { id: 'p1/1' }));
});

test('a bus that stands still is given up and found again', async () => {
  const seen = listen();
  const relay = world.relay();
  await eventually(() => expect(relay.bus.connected()).toBe(true));
  nats.pause();
  await eventually(() => expect(relay.bus.connected()).toBe(false), { timeoutMs: 15_000 });
  world.outbox.commit(failedRow('o1'));
  // So long that an attempt to connect runs out of time.
  await pause(2500);
  nats.resume();
  await eventually(() => expect(seen).toEqual(['o1']));
  await world.close();
  await eventually(() => expect(openSockets()).toBe(0));
});

test('a bus that never came to life can be closed', async () => {
  nats.pause();
  const failed = Promise.withResolvers<void>();
  const log = { ...silentLog, debug: (event: string) => event === 'bus.connect_failed' && failed.resolve() };
  const bus = connectBus({
    url: nats.url,
    natsCredsFile: testerCredentials(),
    namespace: world.namespace,
    log,
    metrics: noMetrics,
  });
  await failed.promise;
  await bus.close();
  await eventually(() => expect(openSockets()).toBe(0));
  nats.resume();
});

test('a bus that lost its store is filled from the archive, though nobody publishes', async () => {
  const seen = listen();
  const relay = world.relay(50);
  world.outbox.commit(...Array.from({ length: 100 }, (_, i) => failedRow(`o${i}`)));
  await eventually(() => expect(world.outbox.archived()).toBe(100));
  await eventually(() => expect(seen).toHaveLength(100));
  await nats.wipe();
  await eventually(() => expect(seen).toHaveLength(200));
  expect(new Set(seen).size).toBe(100);
  expect(world.logged).toContain('events.replayed');
  expect(relay.bus.connected()).toBe(true);
});

test('a wipe while the publisher was down is noticed when it starts', async () => {
  const relay = world.relay(50);
  world.outbox.commit(failedRow('o1'), failedRow('o2'));
  await eventually(() => expect(world.outbox.archived()).toBe(2));
  await relay.close();
  await nats.wipe();
  const seen = listen();
  world.relay(50);
  await eventually(() => expect(seen.toSorted()).toEqual(['o1', 'o2']));
});

test('a restart of the bus alone replays nothing', async () => {
  const seen = listen();
  const relay = world.relay(50);
  world.outbox.commit(failedRow('o1'));
  await eventually(() => expect(seen).toEqual(['o1']));
  await eventually(() => expect(world.outbox.waiting()).toBe(0));
  await nats.kill();
  await nats.start();
  await eventually(() => expect(relay.bus.connected()).toBe(true));
  world.outbox.commit(failedRow('o2'));
  await eventually(() => expect(seen).toEqual(['o1', 'o2']));
  expect(world.logged).not.toContain('events.replayed');
});

test('tasks enqueued before and after a wipe are done', async () => {
  const done: number[] = [];
  const consumers = world.consumers();
  consumers.onTask(fanOutChunk, { durable: 'test-push', handle: (_ctx, { chunk }) => Promise.resolve(void done.push(chunk)) });
  consumers.start();
  const bus = world.bus();
  await eventually(() => bus.enqueue(fanOutChunk, { ...CHUNK, chunk: 1 }, { id: 'p1/1' }));
  await eventually(() => expect(done).toEqual([1]));
  await nats.wipe();
  await eventually(() => bus.enqueue(fanOutChunk, { ...CHUNK, chunk: 2 }, { id: 'p1/2' }));
  await eventually(() => expect(done).toEqual([1, 2]));
});

/** One of them would keep a process from ending. */
const openSockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

const CHUNK = { planId: 'plan1', entry: 'p1', sourceId: 'a1', chunk: 0, viewerIds: [], remove: false };

const listen = (): string[] => {
  const seen: string[] = [];
  const consumers = world.consumers();
  consumers.on(orderFailed, {
    durable: 'test-listen',
    handle: (_ctx, { orderId }) => Promise.resolve(void seen.push(orderId)),
  });
  consumers.start();
  return seen;
};
