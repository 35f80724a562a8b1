import { newId, noMetrics, silentLog } from '@plaza/core';
import { createMemoryDb, createOutboxStore, defineTable, insert } from '@plaza/dynamo';
import { createRelay, outboxRow, type EventType, type OutboxRow } from '@plaza/events';

import { testContext } from '../context.ts';
import { testerBus } from './tester-bus.ts';

export interface EventSource {
  /** By the same outbox and relay as a real service. The version is that of what the event is about, 1 by default. */
  publish<T>(event: EventType<T>, payload: T, version?: number): Promise<OutboxRow>;
  /** The same events once more, as after a loss of the bus: all since this one. */
  replay(row: OutboxRow): Promise<void>;
  close(): Promise<void>;
}

/** Publishes what the real `owner` would. */
export const startEventSource = (options: { natsUrl: string; namespace: string; owner: string }): EventSource => {
  const about = { log: silentLog, metrics: noMetrics };
  const bus = testerBus(options);
  const table = defineTable({ name: `${options.owner}-events` });
  const db = createMemoryDb();
  const relay = createRelay({ bus, owner: options.owner, store: createOutboxStore(db, table), ...about });
  return {
    publish: async (event, payload, version = 1) => {
      const row = outboxRow(event, payload, { aggregateId: newId(), version, at: Date.now(), trace: '' });
      await db.write(testContext(), insert(table, row));
      relay.nudge([row]);
      return row;
    },
    replay: async (row) => {
      await relay.replay(testContext(), row.occurredAt);
    },
    close: async () => {
      await relay.close();
      await bus.close();
    },
  };
};
