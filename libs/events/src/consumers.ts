import type { Context, Log, Metrics } from '@plaza/core';

import { backlogOf } from './backlog.ts';
import type { Bus } from './bus.ts';
import type { DeadLetterStore } from './dead-letter.ts';
import type { EventType, TaskType } from './declare.ts';
import { BACKOFF_MS, createDelivery, type Deliver } from './delivery.ts';
import { queueName, redriveDurable, redriveSubject, streamName } from './names.ts';
import { createRedelivery } from './redelivery.ts';
import { createRedrive } from './redrive.ts';
import { subscribe } from './subscription.ts';
import { watchBacklog } from './watch-backlog.ts';

/** What is known of a message besides its payload. */
export interface Meta {
  /** Event or task id: the same on every delivery. */
  readonly id: string;
  /** Epoch milliseconds of the happening. */
  readonly at: number;
  readonly aggregateId: string;
  readonly version: number;
  /** 1 on the first delivery. */
  readonly tries: number;
  /** Aborts when the process begins to stop. Whoever only waits gives the message back then; who works goes on. */
  readonly stopping: AbortSignal;
}

/**
 * Handles one message; resolving acknowledges it. Duplicates and disorder are normal. The context ends after `ackWaitMs`;
 * `ctx.requestId` is the event's id and `ctx.method` the durable.
 */
export type Handle<T> = (ctx: Context, payload: T, meta: Meta) => Promise<void>;

export interface On<T> {
  /** Names the consumer for good: all processes with one durable share its messages. `<service>-<what it does>`. */
  readonly durable: string;
  readonly handle: Handle<T>;
  /** Messages handled at a time by this process; 16 by default. */
  readonly concurrency?: number;
  /** How long one try may take, in milliseconds; 15,000 by default. Of a killed process the message goes on after 5 s. */
  readonly ackWaitMs?: number;
}

export interface Consumers {
  on<T>(event: EventType<T>, options: On<T>): void;
  onTask<T>(task: TaskType<T>, options: On<T>): void;
  /** Begins to consume whenever the bus is there; returns at once. */
  start(): void;
  /** Takes no more messages and waits for those in hand, 10 s at most. */
  close(): Promise<void>;
  /**
   * Hands one dead letter to its durable again. The letter goes when it is handled.
   * @throws AppError NOT_FOUND DEAD_LETTER_NOT_FOUND, UNAVAILABLE BUS_UNAVAILABLE
   */
  redrive(ctx: Context, id: string): Promise<void>;
  /**
   * Messages that wait for these of the consumers or are being handled, by this or another process. Dead letters are not among them.
   * @throws AppError UNAVAILABLE BUS_UNAVAILABLE when that cannot be told
   */
  backlog(durables: readonly string[]): Promise<number>;
}

/**
 * The consumers of one process.
 * @param options.backoffMs wait after the first, second… failed try; the last one repeats
 */
export const createConsumers = (options: {
  bus: Bus;
  service: string;
  deadLetters: DeadLetterStore;
  log: Log;
  metrics: Metrics;
  backoffMs?: readonly number[];
}): Consumers => {
  const { bus, service, deadLetters, metrics, backoffMs = BACKOFF_MS } = options;
  const log = options.log.with({ component: 'consumers', service: options.service });
  const begin: (() => Promise<void>)[] = [];
  const queues: { stream: string; durable: string }[] = [];
  const delivers = new Map<string, Deliver>();
  const stopping = new AbortController();
  const abandoning = new AbortController();
  let running: Promise<void>[] = [];

  const add = <T>(type: EventType<T> | TaskType<T>, { durable, handle, concurrency = 16, ackWaitMs = 15_000 }: On<T>) => {
    const about = { type, durable, handle, ackWaitMs, deadLetters, metrics, log: log.with({ durable }) };
    const signals = { stopping: stopping.signal, closing: abandoning.signal };
    const deliver = createDelivery({ ...about, ...signals, backoffMs });
    const stream = type.kind === 'task' ? queueName(bus.namespace) : streamName(bus.namespace, type.owner);
    queues.push({ stream, durable });
    delivers.set(durable, deliver);
    begin.push(() => subscribe({ bus, type, durable, concurrency, ackWaitMs, deliver, log, stopping: stopping.signal }));
  };

  return {
    on: add,
    onTask: add,
    start: () => {
      const deliver = createRedelivery(delivers, { log, backoffMs });
      begin.push(() => subscribe({ bus, ...redriven(service), deliver, log, stopping: stopping.signal }));
      running = begin.splice(0).map((run) => run());
      running.push(watchBacklog({ bus, queues, metrics, closing: stopping.signal }));
    },
    close: async () => {
      stopping.abort();
      const grace = setTimeout(() => abandoning.abort(), 10_000);
      await Promise.all(running);
      clearTimeout(grace);
    },
    redrive: createRedrive({ bus, service, deadLetters }),
    backlog: async (durables) => {
      const asked = queues.filter(({ durable }) => durables.includes(durable));
      const numbers = await Promise.all(asked.map(({ stream, durable }) => backlogOf(bus.link(), stream, durable, log)));
      return numbers.reduce((sum, number) => sum + number, 0);
    },
  };
};

/** Dead letters are few. */
const redriven = (service: string) => ({
  type: { kind: 'task' as const, subject: redriveSubject(service), owner: service },
  durable: redriveDurable(service),
  concurrency: 4,
  ackWaitMs: 15_000,
});
