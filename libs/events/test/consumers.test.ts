import { AppError } from '@plaza/core';
import { eventually, testContext } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { orderFailed, streamName, type Handle } from '../src/index.ts';
import { createWorld, failedRow, sharedNats, type World } from './world.ts';

let nats: Awaited<ReturnType<typeof sharedNats>>;
let world: World;
beforeAll(async () => void (nats = await sharedNats()));
afterAll(() => nats.stop());
beforeEach(() => void (world = createWorld(nats.url)));
afterEach(() => world.close());

test('a failed message comes again until it is handled', async () => {
  const tries: number[] = [];
  consume((_ctx, _payload, meta) => {
    tries.push(meta.tries);
    return meta.tries < 4 ? Promise.reject(new Error('not yet')) : Promise.resolve();
  });
  publish(1);
  await eventually(() => expect(tries).toEqual([1, 2, 3, 4]));
  expect(world.deadLetters.all()).toEqual([]);
});

test('a message that fails five times is dead, is listed without what failed, and is handled when redriven', async () => {
  let broken = true;
  const handled: string[] = [];
  const others: string[] = [];
  const consumers = consume((_ctx, { orderId }) => {
    if (broken) return Promise.reject(new AppError('FAILED_PRECONDITION', 'OUT_OF_STOCK', 'ann@example.org wanted too much'));
    handled.push(orderId);
    return Promise.resolve();
  });
  consume((_ctx, { orderId }) => Promise.resolve(void others.push(orderId)), { durable: 'test-other' });
  const [row] = publish(1);
  const letter = await eventually(() => {
    const [first] = world.deadLetters.all();
    expect(first).toMatchObject({
      id: `test-consume/${row!.sk}`,
      reason: 'OUT_OF_STOCK',
      tries: 5,
      aggregateId: 'o0',
      version: 3,
    });
    return first!;
  });
  expect(JSON.stringify(letter)).not.toContain('ann@');

  broken = false;
  await consumers.redrive(testContext(), letter.id);
  await eventually(() => expect(handled).toEqual(['o0']));
  await eventually(() => expect(world.deadLetters.all()).toEqual([]));
  // A later event proves that the redriven one has passed the other durable by.
  publish(2);
  await eventually(() => expect(others.toSorted()).toEqual(['o0', 'o0', 'o1']));
});

test('a redriven message that fails again is dead again', async () => {
  const consumers = consume(() => Promise.reject(new Error('never')));
  publish(1);
  const [first] = await letters(1);
  await consumers.redrive(testContext(), first!.id);
  await eventually(() => expect(world.deadLetters.all()[0]?.createdAt).toBeGreaterThan(first!.createdAt));
  expect(world.deadLetters.all()).toHaveLength(1);
});

test('who only waits gives the message back when the process stops, and another handles it', async () => {
  const waiting = Promise.withResolvers<void>();
  const first = consume(async (_ctx, _payload, { stopping }) => {
    waiting.resolve();
    await new Promise((resolve) => stopping.addEventListener('abort', resolve));
    throw new AppError('CANCELLED', 'CALL_CANCELLED', 'the process stops');
  });
  publish(1);
  await waiting.promise;
  const start = performance.now();
  await first.close();
  expect(performance.now() - start).toBeLessThan(5000);
  const handled: string[] = [];
  consume((_ctx, { orderId }) => Promise.resolve(void handled.push(orderId)));
  await eventually(() => expect(handled).toEqual(['o0']), { timeoutMs: 15_000 });
});

test('redriving an unknown letter is refused', async () => {
  const consumers = consume(() => Promise.resolve());
  await expect(consumers.redrive(testContext(), 'test-consume/none')).rejects.toMatchObject({ reason: 'DEAD_LETTER_NOT_FOUND' });
});

test('the backlog is what waits and what is in hand, and nothing once all is handled', async () => {
  const gate = Promise.withResolvers<void>();
  const consumers = consume(() => gate.promise);
  publish(3);
  await eventually(async () => expect(await consumers.backlog(['test-consume', 'test-unknown'])).toBe(3));
  expect(await consumers.backlog(['test-unknown'])).toBe(0);
  gate.resolve();
  await eventually(async () => expect(await consumers.backlog(['test-consume'])).toBe(0));
});

test('an outage of a peer takes no message to the grave at the fifth try', async () => {
  let tries = 0;
  consume((_ctx, _payload, meta) => {
    tries = meta.tries;
    return tries < 8 ? Promise.reject(new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'away')) : Promise.resolve();
  });
  publish(1);
  await eventually(() => expect(tries).toBe(8));
  expect(world.deadLetters.all()).toEqual([]);
});

test('bytes that are no message are dead at once', async () => {
  let handled = 0;
  consume(() => Promise.resolve(void handled++));
  const relay = world.relay(50);
  world.outbox.commit({ ...failedRow('o1'), payload: Uint8Array.of(0x0a, 0xff, 0xff) });
  const [letter] = await letters(1);
  expect(letter).toMatchObject({ reason: 'PAYLOAD_UNDECODABLE', tries: 1, payload: Uint8Array.of(0x0a, 0xff, 0xff) });
  expect(handled).toBe(0);
  expect(relay.bus.connected()).toBe(true);
});

test('a message stays while its letter cannot be written', async () => {
  consume(() => Promise.reject(new Error('never')));
  world.deadLetters.faults.put = 3;
  publish(1);
  const [letter] = await letters(1);
  expect(letter!.tries).toBe(8);
});

test('no more messages are handled at a time than allowed', async () => {
  let now = 0;
  let most = 0;
  let done = 0;
  const gates: (() => void)[] = [];
  consume(
    async () => {
      most = Math.max(most, ++now);
      await new Promise<void>((resolve) => void gates.push(resolve));
      now--;
      done++;
    },
    { concurrency: 3 },
  );
  publish(20);
  await eventually(() => {
    for (const open of gates.splice(0)) open();
    expect(done).toBe(20);
  });
  expect(most).toBe(3);
});

test('a handler that takes longer than the ack wait keeps its message to itself', async () => {
  let begun = 0;
  const gate = Promise.withResolvers<void>();
  let passed = false;
  consume(
    async (ctx) => {
      begun++;
      // The context ends with the ack wait; only then is the handler let go on.
      ctx.signal.addEventListener('abort', () => void (passed = true));
      await gate.promise;
    },
    { ackWaitMs: 600 },
  );
  publish(1);
  await eventually(() => expect(passed).toBe(true));
  gate.resolve();
  publish(1);
  await eventually(() => expect(begun).toBe(2));
});

test('a handler that never ends loses its message to another try', async () => {
  let begun = 0;
  consume(() => (begun++ === 0 ? new Promise(() => undefined) : Promise.resolve()), { ackWaitMs: 200, concurrency: 1 });
  publish(2);
  await eventually(() => expect(begun).toBe(3));
});

test('two processes with one durable share the messages', async () => {
  const seen: string[] = [];
  const handle: Handle<{ orderId: string }> = (_ctx, { orderId }) => Promise.resolve(void seen.push(orderId));
  consume(handle);
  consume(handle);
  publish(50);
  await eventually(() => expect(seen).toHaveLength(50));
  expect(new Set(seen).size).toBe(50);
});

test('consumers wait for a stream that its owner has yet to make, and survive its deletion', async () => {
  const seen: string[] = [];
  consume((_ctx, { orderId }) => Promise.resolve(void seen.push(orderId)));
  await eventually(() => expect(world.logged).toContain('consumer.waiting'));
  const relay = world.relay(50);
  world.outbox.commit(failedRow('o1'));
  await eventually(() => expect(seen).toEqual(['o1']));
  await eventually(() => expect(world.outbox.waiting()).toBe(0));
  await relay.bus.link()!.admin.streams.delete(streamName(world.namespace, 'order'));
  // The relay makes it anew and fills it from the archive.
  await eventually(() => expect(seen).toEqual(['o1', 'o1']));
  world.outbox.commit(failedRow('o2'));
  await eventually(() => expect(seen).toEqual(['o1', 'o1', 'o2']));
});

test('a deleted consumer is made again', async () => {
  const seen: string[] = [];
  consume((_ctx, { orderId }) => Promise.resolve(void seen.push(orderId)));
  const relay = world.relay(50);
  world.outbox.commit(failedRow('o1'));
  await eventually(() => expect(seen).toEqual(['o1']));
  await relay.bus.link()!.admin.consumers.delete(streamName(world.namespace, 'order'), 'test-consume');
  world.outbox.commit(failedRow('o2'));
  await eventually(() => expect(seen).toContain('o2'));
});

test('closing waits for the messages in hand', async () => {
  const gate = Promise.withResolvers<void>();
  let begun = false;
  let ended = false;
  const consumers = consume(async () => {
    begun = true;
    await gate.promise;
    ended = true;
  });
  publish(1);
  await eventually(() => expect(begun).toBe(true));
  const closed = consumers.close();
  gate.resolve();
  await closed;
  expect(ended).toBe(true);
});

const consume = (
  handle: Handle<{ orderId: string }>,
  options: { durable?: string; concurrency?: number; ackWaitMs?: number } = {},
) => {
  const consumers = world.consumers();
  consumers.on(orderFailed, { durable: 'test-consume', handle, ...options });
  consumers.start();
  return consumers;
};

const publish = (count: number) => {
  const rows = Array.from({ length: count }, (_, i) => failedRow(`o${i}`));
  world.outbox.commit(...rows);
  world.relay(50);
  return rows;
};

const letters = (count: number) =>
  eventually(() => {
    expect(world.deadLetters.all()).toHaveLength(count);
    return world.deadLetters.all();
  });
