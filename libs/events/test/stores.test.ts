import { noMetrics, silentLog } from '@plaza/core';
import { createDeadLetterStore, createMemoryDb, createOutboxStore, insert, type Db } from '@plaza/dynamo';
import { eventually, testContext, uniqueNamespace, testerCredentials } from '@plaza/testing';
import { expect, test } from 'vitest';

import { connectBus, createConsumers, createRelay, orderFailed } from '../src/index.ts';
import { openTable, orders } from './table.ts';
import { failedRow, sharedNats } from './world.ts';

for (const [engine, open] of [
  ['memory', () => Promise.resolve({ ...createMemoryDb(), close: () => undefined })],
  ['DynamoDB', () => openTable(namespace)],
] as const)
  test(`with tables in ${engine}: committed, published, dead, redriven, archived and replayed`, async () => {
    const nats = await sharedNats();
    const db: Db & { close(): void } = await open();
    await db.createTable(testContext(), orders);
    const deadLetters = createDeadLetterStore(db, orders);
    const bus = connectBus({ url: nats.url, natsCredsFile: testerCredentials(), namespace: `${namespace}${engine}`, ...quiet });
    const relay = createRelay({ bus, owner: 'order', store: createOutboxStore(db, orders), ...quiet });
    const consumers = createConsumers({ bus, service: 'test', deadLetters, backoffMs: [1], ...quiet });
    let broken = true;
    const handled: string[] = [];
    consumers.on(orderFailed, {
      durable: 'test-stores',
      handle: (_ctx, { orderId }) =>
        broken && orderId === 'o1' ? Promise.reject(new Error('broken')) : Promise.resolve(void handled.push(orderId)),
    });
    consumers.start();

    const rows = Array.from({ length: 30 }, (_, i) => failedRow(`o${i}`));
    const first = rows.slice(0, 10);
    await db.transact(
      testContext(),
      first.map((row) => insert(orders, row)),
    );
    relay.nudge(first);
    // Nobody nudges these.
    await db.transact(
      testContext(),
      rows.slice(10).map((row) => insert(orders, row)),
    );
    await eventually(() => expect(handled).toHaveLength(29), { timeoutMs: 30_000 });
    await eventually(async () => expect(await relay.status(testContext())).toEqual({ pending: 0, oldestAt: undefined }));
    const [letter] = await eventually(async () => {
      const letters = await deadLetters.list(testContext(), 10);
      expect(letters).toHaveLength(1);
      return letters;
    });
    expect(letter).toMatchObject({ id: `test-stores/${rows[1]!.sk}`, reason: 'INTERNAL', tries: 5, payload: rows[1]!.payload });

    broken = false;
    await consumers.redrive(testContext(), letter!.id);
    await eventually(() => expect(handled).toContain('o1'));
    await eventually(async () => expect(await deadLetters.list(testContext(), 10)).toEqual([]));
    expect(await relay.replay(testContext({ timeoutMs: 20_000 }), 0)).toBe(30);
    await eventually(() => expect(handled).toHaveLength(60));

    await consumers.close();
    await relay.close();
    await bus.close();
    db.close();
    await nats.stop();
  }, 90_000);

const namespace = uniqueNamespace();
const quiet = { log: silentLog, metrics: noMetrics };
