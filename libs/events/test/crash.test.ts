import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { noMetrics, silentLog } from '@plaza/core';
import { createDeadLetterStore, createOutboxStore } from '@plaza/dynamo';
import { eventually, testContext, uniqueNamespace, testerCredentials } from '@plaza/testing';
import { expect, test } from 'vitest';

import { connectBus, createConsumers, createRelay, orderFailed } from '../src/index.ts';
import { openTable, orders } from './table.ts';
import { sharedNats } from './world.ts';

test.each(['events.before-publish', 'events.after-publish', 'events.after-handle'])(
  'a process killed at %s leaves nothing undone for the next one',
  async (point) => {
    const nats = await sharedNats();
    const namespace = uniqueNamespace();
    const script = fileURLToPath(new URL('crashing-service.ts', import.meta.url));
    const child = spawn(process.execPath, [script, nats.url, namespace, point], { stdio: 'inherit' });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);

    const db = await openTable(namespace);
    const bus = connectBus({ url: nats.url, natsCredsFile: testerCredentials(), namespace, ...quiet });
    const relay = createRelay({ bus, owner: 'order', store: createOutboxStore(db, orders), ...quiet });
    const consumers = createConsumers({ bus, service: 'test', deadLetters: createDeadLetterStore(db, orders), ...quiet });
    const handled: string[] = [];
    consumers.on(orderFailed, {
      durable: 'test-crash',
      handle: (_ctx, { orderId }) => Promise.resolve(void handled.push(orderId)),
    });
    consumers.start();
    // The dead process's message goes on when its lease of 5 s ends.
    await eventually(() => expect(handled).toEqual(['o1']), { timeoutMs: 25_000 });
    await eventually(async () => expect((await relay.status(testContext())).pending).toBe(0));
    await consumers.close();
    await relay.close();
    await bus.close();
    db.close();
    await nats.stop();
  },
  60_000,
);

const quiet = { log: silentLog, metrics: noMetrics };
