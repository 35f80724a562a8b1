import { eventually, testContext } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { orderFailed, streamName } from '../src/index.ts';
import { createWorld, failedRow, sharedNats, type World } from './world.ts';

let nats: Awaited<ReturnType<typeof sharedNats>>;
let world: World;
beforeAll(async () => void (nats = await sharedNats()));
afterAll(() => nats.stop());
beforeEach(() => void (world = createWorld(nats.url)));
afterEach(() => world.close());

test('a nudged row is published, archived and handled with everything that was known of it', async () => {
  const seen = listen();
  const relay = world.relay();
  await linked(relay.bus);
  const row = failedRow('o1', 'SOLD_OUT');
  world.outbox.commit(row);
  relay.nudge([row]);
  await eventually(() => expect(seen).toHaveLength(1));
  expect(seen[0]).toMatchObject({
    payload: { orderId: 'o1', userId: 'u1', reason: 'SOLD_OUT' },
    meta: { id: row.sk, at: row.occurredAt, aggregateId: 'o1', version: 3, tries: 1 },
    ctx: { requestId: row.sk, method: 'test-listen', trace: row.trace },
  });
  await eventually(() => expect([world.outbox.waiting(), world.outbox.archived()]).toEqual([0, 1]));
});

test('a row that nobody nudged is found by the poll', async () => {
  const seen = listen();
  world.relay(50);
  world.outbox.commit(failedRow('o1'), failedRow('o2'), failedRow('o3'));
  await eventually(() => expect(seen).toHaveLength(3));
  await eventually(() => expect(world.outbox.waiting()).toBe(0));
});

test('a row is stored once though nudges, polls and two relays race for it', async () => {
  const relays = [world.relay(20), world.relay(20)];
  for (const relay of relays) await linked(relay.bus);
  const rows = Array.from({ length: 200 }, (_, i) => failedRow(`o${i}`));
  world.outbox.commit(...rows);
  for (const relay of relays) for (const row of rows) relay.nudge([row]);
  await eventually(() => expect(world.outbox.waiting()).toBe(0));
  expect(await stored(relays[0]!.bus)).toBe(200);
});

test('a row that was published and not archived is published again and stored once', async () => {
  const relay = world.relay(50);
  await linked(relay.bus);
  world.outbox.faults.archive = 2;
  const row = failedRow('o1');
  world.outbox.commit(row);
  relay.nudge([row]);
  await eventually(() => expect(world.outbox.archived()).toBe(1));
  expect(await stored(relay.bus)).toBe(1);
});

test('a backlog of many pages drains', async () => {
  world.outbox.commit(...Array.from({ length: 1500 }, (_, i) => failedRow(`o${i}`)));
  const relay = world.relay(50);
  await eventually(() => expect(world.outbox.archived()).toBe(1500));
  expect(await stored(relay.bus)).toBe(1500);
});

test('a replay hands out the archived events since a time once more', async () => {
  const seen = listen();
  const relay = world.relay(50);
  const old = { ...failedRow('old'), occurredAt: Date.now() - 60_000 };
  world.outbox.commit(old, failedRow('new'));
  await eventually(() => expect(seen).toHaveLength(2));
  await eventually(() => expect(world.outbox.waiting()).toBe(0));
  expect(await relay.replay(testContext(), Date.now() - 30_000)).toBe(1);
  await eventually(() => expect(seen.map(({ payload }) => payload.orderId).toSorted()).toEqual(['new', 'new', 'old']));
});

test('the outbox tells what waits and since when', async () => {
  const relay = world.relay(60_000);
  const first = failedRow('o1');
  world.outbox.commit(first, failedRow('o2'));
  const status = await relay.status(testContext());
  expect(status.pending).toBe(2);
  expect(status.oldestAt).toBeGreaterThan(Date.now() - 5000);
});

test('two namespaces on one server do not meet', async () => {
  const seen = listen();
  const other = createWorld(nats.url);
  try {
    const relay = other.relay(20);
    other.outbox.commit(failedRow('theirs'));
    await eventually(() => expect(other.outbox.archived()).toBe(1));
    world.relay(20);
    world.outbox.commit(failedRow('ours'));
    await eventually(() => expect(seen).toHaveLength(1));
    expect(seen[0]?.payload.orderId).toBe('ours');
    expect(relay.bus.namespace).not.toBe(world.namespace);
  } finally {
    await other.close();
  }
});

interface Seen {
  ctx: { requestId: string; method: string; trace: string };
  payload: { orderId: string };
  meta: object;
}

const listen = (): Seen[] => {
  const seen: Seen[] = [];
  const consumers = world.consumers();
  consumers.on(orderFailed, {
    durable: 'test-listen',
    handle: (ctx, payload, meta) => {
      seen.push({ ctx, payload, meta });
      return Promise.resolve();
    },
  });
  consumers.start();
  return seen;
};

const linked = (bus: ReturnType<World['bus']>) =>
  eventually(async () => {
    await bus.link()!.admin.streams.info(streamName(world.namespace, 'order'));
  });

/** Events in the stream. */
const stored = async (bus: ReturnType<World['bus']>): Promise<number> => {
  const subject = `${world.namespace}.${orderFailed.subject}`;
  const info = await bus.link()!.admin.streams.info(streamName(world.namespace, 'order'), { subjects_filter: subject });
  return info.state.subjects?.[subject] ?? 0;
};
