import process from 'node:process';

import { armCrashPoint, noMetrics, silentLog } from '@plaza/core';
import { createDeadLetterStore, createOutboxStore, insert } from '@plaza/dynamo';
import { eventually, testContext, testerCredentials } from '@plaza/testing';

import { connectBus, createConsumers, createRelay, orderFailed } from '../src/index.ts';
import { openTable, orders } from './table.ts';
import { failedRow } from './world.ts';

/** A process that commits one event, publishes and handles it, and dies where it is told to: argv = url, namespace, point. */
const [url = '', namespace = '', point] = process.argv.slice(2);
const quiet = { log: silentLog, metrics: noMetrics };
const db = await openTable(namespace);
const bus = connectBus({ url, natsCredsFile: testerCredentials(), namespace, ...quiet });
const relay = createRelay({ bus, owner: 'order', store: createOutboxStore(db, orders), ...quiet });
const consumers = createConsumers({ bus, service: 'test', deadLetters: createDeadLetterStore(db, orders), ...quiet });
consumers.on(orderFailed, { durable: 'test-crash', handle: () => Promise.resolve() });
consumers.start();
await eventually(async () => {
  await bus.link()!.admin.consumers.info(`${namespace}_PLAZA_ORDER`, 'test-crash');
});
armCrashPoint(point);
const row = failedRow('o1');
await eventually(() => db.transact(testContext(), [insert(orders, row)]));
relay.nudge([row]);
