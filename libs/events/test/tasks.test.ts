import { noMetrics, silentLog } from '@plaza/core';
import { eventually, testContext, testerCredentials } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { connectBus, fanOutChunk, type Handle } from '../src/index.ts';
import { createWorld, sharedNats, type World } from './world.ts';

let nats: Awaited<ReturnType<typeof sharedNats>>;
let world: World;
beforeAll(async () => void (nats = await sharedNats()));
afterAll(() => nats.stop());
beforeEach(() => void (world = createWorld(nats.url)));
afterEach(() => world.close());

test('each task is done once by one of the workers, and a repeated one is the same task', async () => {
  const done: number[] = [];
  for (let i = 0; i < 2; i++) {
    const consumers = world.consumers();
    consumers.onTask(fanOutChunk, { durable: 'test-push', handle: (_ctx, { chunk }) => Promise.resolve(void done.push(chunk)) });
    consumers.start();
  }
  const bus = world.bus();
  await eventually(() => expect(bus.connected()).toBe(true));
  const enqueue = (chunk: number) => bus.enqueue(fanOutChunk, { ...CHUNK, chunk }, { id: `p1/${chunk}` });
  for (let chunk = 0; chunk < 30; chunk++) await Promise.all([enqueue(chunk), enqueue(chunk)]);
  await eventually(() => expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i)));
});

test('a task dies, and is redriven, as an event is', async () => {
  let broken = true;
  const done: string[] = [];
  const consumers = world.consumers();
  const handle: Handle<{ entry: string }> = (_ctx, { entry }) =>
    broken ? Promise.reject(new Error('broken')) : Promise.resolve(void done.push(entry));
  consumers.onTask(fanOutChunk, { durable: 'test-push', handle });
  consumers.start();
  const bus = world.bus();
  await eventually(() => expect(bus.connected()).toBe(true));
  await bus.enqueue(fanOutChunk, CHUNK, { id: 'p1/0' });
  const [letter] = await eventually(() => {
    expect(world.deadLetters.all()).toHaveLength(1);
    return world.deadLetters.all();
  });
  expect(letter).toMatchObject({ id: 'test-push/p1/0', kind: 'task', reason: 'INTERNAL' });
  broken = false;
  await consumers.redrive(testContext(), letter!.id);
  await eventually(() => expect(done).toEqual(['p1']));
  await eventually(() => expect(world.deadLetters.all()).toEqual([]));
});

test('a letter of a durable that is gone is not handed round for ever, and stays', async () => {
  const consumers = world.consumers([1]);
  consumers.start();
  const letter = { ...aboutNothing(), id: 'test-gone/p1/0', durable: 'test-gone', eventId: 'p1/0' };
  await world.deadLetters.put(testContext(), letter);
  const bus = world.bus();
  const waiting = async () => (await bus.link()!.admin.streams.info(`${world.namespace}_TASKS`)).state.messages;
  await eventually(() => consumers.redrive(testContext(), letter.id));
  await eventually(() => expect(world.logged).toContain('event.redrive_unclaimed'));
  await eventually(async () => expect(await waiting()).toBe(0));
  expect(world.deadLetters.all()).toEqual([letter]);
});

test('the queue is made with as many copies as asked for: one server alone cannot have three', async () => {
  await using opened = new AsyncDisposableStack();
  const about = {
    url: nats.url,
    natsCredsFile: testerCredentials(),
    namespace: world.namespace,
    log: silentLog,
    metrics: noMetrics,
  };
  const bus = opened.adopt(connectBus({ ...about, natsReplicas: 3 }), (it) => it.close());
  await eventually(() => expect(bus.connected()).toBe(true));
  const refusal = await bus.enqueue(fanOutChunk, CHUNK, { id: 'p1/0' }).catch((error: unknown) => error);
  expect(String((refusal as Error).cause)).toContain('replicas > 1');
});

const CHUNK = { planId: 'plan1', entry: 'p1', sourceId: 'a1', chunk: 0, viewerIds: ['v1'], remove: false };

const aboutNothing = () => ({
  kind: 'task' as const,
  subject: fanOutChunk.subject,
  reason: 'INTERNAL',
  tries: 5,
  createdAt: Date.now(),
  occurredAt: Date.now(),
  aggregateId: '',
  version: 0,
  trace: '',
  payload: fanOutChunk.encode(CHUNK),
});
