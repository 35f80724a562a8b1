import { errorFields, pause, type Log } from '@plaza/core';
import { AckPolicy, nanos, type Consumer } from 'nats';

import type { Bus, Link } from './bus.ts';
import type { EventType, TaskType } from './declare.ts';
import { leaseMs, type Deliver } from './delivery.ts';
import { eventSubject, queueName, streamName, taskSubject } from './names.ts';
import { queueSpec } from './queue.ts';
import { ensureStream } from './streams.ts';

interface Options {
  readonly bus: Bus;
  readonly type: Pick<EventType<never> | TaskType<never>, 'kind' | 'subject' | 'owner'>;
  readonly durable: string;
  readonly concurrency: number;
  readonly ackWaitMs: number;
  readonly deliver: Deliver;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

/** A request for messages is renewed this often, so a server that forgot it costs no more. */
const PULL_MS = 10_000;
const RETRY_MS = 200;

/**
 * Consumes until `stopping`, then waits for what is in hand. Survives everything: the bus away, the stream not yet made by its
 * owner, stream or consumer deleted, the server's store wiped.
 */
export const subscribe = async (options: Options): Promise<void> => {
  const { bus, durable, stopping } = options;
  const log = options.log.with({ durable });
  const inHand = new Set<Promise<void>>();
  for (let failing = false; !stopping.aborted;) {
    const link = await bus.linked(stopping);
    if (!link) break;
    try {
      await prepare(link, options);
      failing = false;
      await consume(link, options, inHand);
    } catch (error) {
      // The stream is made by its owner, which may start later.
      if (!failing && !stopping.aborted && !link.lost.aborted) log.info('consumer.waiting', errorFields(error));
      failing = true;
      await pause(RETRY_MS, AbortSignal.any([stopping, link.lost]));
    }
  }
  await Promise.all(inHand);
};

const stream = ({ bus, type }: Options): string =>
  type.kind === 'task' ? queueName(bus.namespace) : streamName(bus.namespace, type.owner);

const prepare = async (link: Link, options: Options): Promise<void> => {
  const { bus, type, durable, concurrency, ackWaitMs } = options;
  if (type.kind === 'task') await ensureStream(link, queueSpec(bus.namespace));
  await link.admin.consumers.add(stream(options), {
    durable_name: durable,
    filter_subject: type.kind === 'task' ? taskSubject(bus.namespace, type.subject) : eventSubject(bus.namespace, type.subject),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(leaseMs(ackWaitMs)),
    // We count ourselves: the server would park the message in silence.
    max_deliver: -1,
    max_ack_pending: Math.max(1000, concurrency * 4),
  });
};

const consume = async (link: Link, options: Options, inHand: Set<Promise<void>>): Promise<void> => {
  const { durable, log } = options;
  const consumer = await link.stream.consumers.get(stream(options), durable);
  const advisories = link.connection.subscribe(`$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream(options)}.${durable}`, {
    // Only an operator's change of the consumer can bring this about.
    callback: () => log.error('consumer.deliveries_exhausted'),
  });
  const over = AbortSignal.any([options.stopping, link.lost]);
  try {
    while (!over.aborted) {
      // A quarter of the slots is asked for at once: a request for each single message would cost more than the message.
      while (inHand.size > options.concurrency * 0.75 || inHand.size === options.concurrency) await Promise.race(inHand);
      await take(consumer, options, inHand, over);
    }
  } finally {
    advisories.unsubscribe();
  }
};

/**
 * Asks for as many messages as there are free slots and begins each on arrival: none lies in a buffer while its ack wait
 * runs out, and a slow process leaves the rest to others.
 */
const take = async (consumer: Consumer, options: Options, inHand: Set<Promise<void>>, over: AbortSignal) => {
  const { concurrency, deliver, log, durable } = options;
  if (over.aborted) return;
  const messages = await consumer.fetch({ max_messages: concurrency - inHand.size, expires: PULL_MS });
  const stop = () => void messages.close();
  over.addEventListener('abort', stop, { once: true });
  try {
    for await (const message of messages) {
      const delivery = deliver(message)
        .catch((error: unknown) => log.info('event.unsettled', { durable, ...errorFields(error) }))
        .finally(() => inHand.delete(delivery));
      inHand.add(delivery);
    }
  } finally {
    over.removeEventListener('abort', stop);
  }
};
