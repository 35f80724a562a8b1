import process from 'node:process';

import { noMetrics, silentLog, type Log } from '@plaza/core';
import { startNats, uniqueNamespace, testerCredentials } from '@plaza/testing';

import { connectBus, createConsumers, createRelay, orderFailed, outboxRow, type OutboxRow } from '../src/index.ts';
import { createArrayLetters, createArrayOutbox } from './array-stores.ts';

/** The shared server, or one of our own where none is configured. */
export const sharedNats = async (): Promise<{ url: string; stop: () => Promise<void> }> => {
  const url = process.env['NATS_URL'];
  return url ? { url, stop: () => Promise.resolve() } : startNats();
};

/** One publishing service with its outbox, and consumers, on a bus of their own. Everything is closed by `close`. */
export const createWorld = (url: string, namespace: string = uniqueNamespace()) => {
  const closers: (() => Promise<void>)[] = [];
  const logged: string[] = [];
  const log: Log = { ...silentLog, info: (event) => void logged.push(event), warn: (event) => void logged.push(event) };
  log.with = () => log;
  const shared = { log, metrics: noMetrics };
  const outbox = createArrayOutbox();
  const deadLetters = createArrayLetters();
  const bus = () => {
    const made = connectBus({ url, natsCredsFile: testerCredentials(), namespace, ...shared });
    closers.push(() => made.close());
    return made;
  };
  return {
    namespace,
    outbox,
    deadLetters,
    logged,
    bus,
    relay: (pollMs = 1000) => {
      const relay = createRelay({ bus: bus(), owner: 'order', store: outbox, pollMs, ...shared });
      closers.push(() => relay.close());
      return relay;
    },
    consumers: (backoffMs: readonly number[] = [10]) => {
      const consumers = createConsumers({ bus: bus(), service: 'test', deadLetters, backoffMs, ...shared });
      closers.push(() => consumers.close());
      return consumers;
    },
    close: async () => {
      for (const close of closers.splice(0).toReversed()) await close();
    },
  };
};

export type World = ReturnType<typeof createWorld>;

/** An event of an order: `reason` tells it apart. */
export const failedRow = (orderId: string, reason = 'TEST'): OutboxRow =>
  outboxRow(orderFailed, { orderId, userId: 'u1', reason }, { aggregateId: orderId, version: 3, at: Date.now(), trace: TRACE });

export const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
