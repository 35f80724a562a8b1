import type { ConsumerInfo, StreamInfo } from 'nats';

import { busUnavailable, type Bus, type Link } from './bus.ts';

/** What waits for one durable, or is in somebody's hands. */
export interface SeenConsumer {
  readonly durable: string;
  readonly waiting: number;
  readonly inHand: number;
  /** Deliveries of what is in hand that were not the first. */
  readonly redelivered: number;
}

export interface SeenStream {
  readonly name: string;
  readonly messages: number;
  readonly bytes: number;
  readonly consumers: readonly SeenConsumer[];
}

/** The bus as an operator looks at it. */
export interface SeenBus {
  readonly version: string;
  /** One round trip, in milliseconds. */
  readonly roundTripMs: number;
  /** Those of this namespace. */
  readonly streams: readonly SeenStream[];
}

/** @throws AppError UNAVAILABLE BUS_UNAVAILABLE when it does not answer within `timeoutMs`. */
export const inspectBus = async (bus: Bus, timeoutMs: number): Promise<SeenBus> => {
  const link = await bus.linked(AbortSignal.timeout(timeoutMs));
  if (!link) throw busUnavailable();
  try {
    const started = performance.now();
    await link.connection.flush();
    const roundTripMs = performance.now() - started;
    return { version: link.connection.info?.version ?? '', roundTripMs, streams: await streamsOf(link, bus.namespace) };
  } catch (error) {
    throw busUnavailable(error);
  }
};

/** Messages that wait for any consumer of this namespace, or are being handled: none means that all is quiet. */
export const waitingIn = ({ streams }: SeenBus): number =>
  streams.flatMap(({ consumers }) => consumers).reduce((sum, { waiting, inHand }) => sum + waiting + inHand, 0);

const streamsOf = async ({ admin }: Link, namespace: string): Promise<SeenStream[]> => {
  const found: StreamInfo[] = [];
  for await (const stream of admin.streams.list()) if (isOf(namespace, stream.config.name)) found.push(stream);
  return Promise.all(
    found.map(async ({ config, state }) => {
      const consumers: ConsumerInfo[] = [];
      for await (const consumer of admin.consumers.list(config.name)) if (consumer.config.durable_name) consumers.push(consumer);
      return { name: config.name, messages: state.messages, bytes: state.bytes, consumers: consumers.map(asSeen) };
    }),
  );
};

const isOf = (namespace: string, stream: string): boolean =>
  /^(PLAZA_[A-Z]+|TASKS)$/.test(
    namespace === '' ? stream : stream.startsWith(`${namespace}_`) ? stream.slice(namespace.length + 1) : '',
  );

const asSeen = ({
  name,
  num_pending: waiting,
  num_ack_pending: inHand,
  num_redelivered: redelivered,
}: ConsumerInfo): SeenConsumer => ({
  durable: name,
  waiting,
  inHand,
  redelivered,
});
