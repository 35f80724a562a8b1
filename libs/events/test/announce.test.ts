import { eventually, startNats, type Engine } from '@plaza/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { orderFailed, type Relay } from '../src/index.ts';
import { createWorld, failedRow, type World } from './world.ts';

let nats: Engine;
let world: World;
let relay: Relay;
beforeEach(async () => {
  nats = await startNats();
  world = createWorld(nats.url);
  relay = world.relay(300);
  await eventually(async () => {
    if (!(await announced('warm-up'))) throw new Error('the stream is not there yet');
  });
});
afterEach(async () => {
  nats.resume();
  await world.close();
  await nats.stop();
});

test('true means that the bus has it; the row is archived as usual', async () => {
  const seen = listen();
  expect(await announced('o1')).toBe(true);
  await eventually(() => expect(seen).toContain('o1'));
  await eventually(() => expect(world.outbox.waiting()).toBe(0));
});

test('true though the row cannot be archived yet', async () => {
  world.outbox.faults.archive = 1;
  expect(await announced('o1')).toBe(true);
  await eventually(() => expect(world.outbox.waiting()).toBe(0));
});

test('all of several rows count', async () => {
  const rows = [failedRow('o1'), failedRow('o2'), failedRow('o3')];
  world.outbox.commit(...rows);
  expect(await relay.announce(rows, 2000)).toBe(true);
  expect(await relay.announce([], 2000)).toBe(true);
});

test('with the bus away the answer is false, at once, and the poll brings the row later', async () => {
  await nats.kill();
  await eventually(() => expect(relay.bus.connected()).toBe(false));
  const started = performance.now();
  expect(await announced('o1', 5000)).toBe(false);
  expect(performance.now() - started).toBeLessThan(100);
  const seen = listen();
  await nats.start();
  await eventually(() => expect(seen).toContain('o1'));
});

test('a bus that stands still is waited for as long as was said', async () => {
  nats.pause();
  const started = performance.now();
  expect(await announced('o1', 300)).toBe(false);
  expect(performance.now() - started).toBeGreaterThan(290);
  const seen = listen();
  nats.resume();
  await eventually(() => expect(seen).toContain('o1'));
});

test('a connection that breaks ends the wait, and the row goes out over the next one', async () => {
  const seen = listen();
  nats.pause();
  const answer = announced('o1', 60_000);
  await nats.kill();
  expect(await answer).toBe(false);
  const back = performance.now();
  await nats.start();
  await eventually(() => expect(seen).toContain('o1'));
  // Not held up by the publication that nobody will acknowledge any more, which would take 5 s to time out.
  expect(performance.now() - back).toBeLessThan(4000);
});

const announced = (orderId: string, timeoutMs = 2000): Promise<boolean> => {
  const row = failedRow(orderId);
  world.outbox.commit(row);
  return relay.announce([row], timeoutMs);
};

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
