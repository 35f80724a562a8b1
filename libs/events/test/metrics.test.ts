import { silentLog, type Metrics } from '@plaza/core';
import { eventually, uniqueNamespace, testerCredentials } from '@plaza/testing';
import { expect, test } from 'vitest';

import { connectBus, createConsumers, createRelay, orderFailed } from '../src/index.ts';
import { createArrayLetters, createArrayOutbox } from './array-stores.ts';
import { failedRow, sharedNats } from './world.ts';

test('what is published, handled, retried, dead and waiting is counted', async () => {
  const nats = await sharedNats();
  const recorded = recorder();
  const shared = { log: silentLog, metrics: recorded.metrics };
  const bus = connectBus({ url: nats.url, natsCredsFile: testerCredentials(), namespace: uniqueNamespace(), ...shared });
  const outbox = createArrayOutbox();
  const relay = createRelay({ bus, owner: 'order', store: outbox, pollMs: 20, ...shared });
  const consumers = createConsumers({ bus, service: 'test', deadLetters: createArrayLetters(), backoffMs: [1], ...shared });
  consumers.on(orderFailed, {
    durable: 'test-metrics',
    handle: (_ctx, { orderId }) => (orderId === 'bad' ? Promise.reject(new Error('bad')) : Promise.resolve()),
  });
  consumers.start();
  await eventually(() => expect(recorded.value('bus_connected')).toBe(1));
  outbox.commit(failedRow('good'), failedRow('bad'));
  await eventually(() => {
    // A stream that was just made is filled from the archive, where they may lie by then.
    expect(recorded.value('events_published_total', { subject: 'plaza.order.v1.OrderFailed' })).toBeGreaterThanOrEqual(2);
    expect(recorded.value('events_consumed_total', { durable: 'test-metrics', result: 'handled' })).toBe(1);
    expect(recorded.value('events_consumed_total', { durable: 'test-metrics', result: 'retried' })).toBe(4);
    expect(recorded.value('events_consumed_total', { durable: 'test-metrics', result: 'dead' })).toBe(1);
    expect(recorded.value('events_dead_total', { durable: 'test-metrics' })).toBe(1);
    expect(recorded.value('events_lag_seconds', { durable: 'test-metrics' })).toBeLessThan(10);
    expect(recorded.value('outbox_lag_seconds')).toBeLessThan(10);
    expect(recorded.value('outbox_pending')).toBe(0);
    expect(recorded.value('outbox_oldest_seconds')).toBe(0);
  });
  await eventually(() => expect(recorded.value('events_consumer_pending', { durable: 'test-metrics' })).toBe(0));
  await consumers.close();
  await relay.close();
  await bus.close();
  await nats.stop();
});

/** The last value, or the sum, of each metric and its labels. */
const recorder = () => {
  const values = new Map<string, number>();
  const key = (name: string, labels: Readonly<Record<string, string>>) => JSON.stringify([name, labels]);
  const set = (name: string) => (labels: Readonly<Record<string, string>>, value: number) =>
    void values.set(key(name, labels), value);
  const metrics: Metrics = {
    counter: ({ name }) => ({ add: (labels, by = 1) => set(name)(labels, (values.get(key(name, labels)) ?? 0) + by) }),
    histogram: ({ name }) => ({ observe: set(name) }),
    gauge: ({ name }) => ({ set: set(name) }),
  };
  return { metrics, value: (name: string, labels: Readonly<Record<string, string>> = {}) => values.get(key(name, labels)) };
};
