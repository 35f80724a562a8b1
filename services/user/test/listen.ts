import { noMetrics, silentLog } from '@plaza/core';
import { createDeadLetterStore } from '@plaza/dynamo';
import { createConsumers, type EventType } from '@plaza/events';
import { testerBus } from '@plaza/testing';

import { usersTable } from '../src/store/table.ts';
import type { Service } from './service.ts';

type On = <T>(event: EventType<T>, heard: (payload: T) => void) => void;

/** Hears the events of a service as another service would, from the first on. */
export const listen = ({ app, config }: Service, register: (on: On) => void): { close(): Promise<void> } => {
  const bus = testerBus(config);
  const deadLetters = createDeadLetterStore(app.db, usersTable);
  const consumers = createConsumers({ bus, service: 'test', deadLetters, log: silentLog, metrics: noMetrics });
  register((event, heard) => {
    const durable = `test-${event.subject.replaceAll('.', '-')}`;
    consumers.on(event, { durable, handle: async (_ctx, payload) => heard(payload) });
  });
  consumers.start();
  const close = async () => {
    await consumers.close();
    await bus.close();
  };
  return { close };
};
