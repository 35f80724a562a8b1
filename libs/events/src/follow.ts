import { errorFields, pause, type Log } from '@plaza/core';
import { DeliverPolicy, type JsMsg } from 'nats';

import type { Bus, Link } from './bus.ts';
import { readHeaders, type Envelope } from './envelope.ts';
import { eventSubject, streamName } from './names.ts';

/** An event as it lies in its stream. */
export interface Followed extends Envelope {
  readonly payload: Uint8Array;
  /** Epoch milliseconds at which the stream took it: after a replay, later than it occurred. */
  readonly storedAt: number;
}

export interface Following {
  /** Resolves when nothing more will be told. */
  close(): Promise<void>;
}

/** Before a connection is asked again that could not be read from, such as while the owner has not made its stream. */
const RETRY_MS = 500;

/**
 * Reads a service's stream in its order, beside all consumers: nothing is acknowledged, and the reader is gone with its process.
 * Whenever the connection breaks it goes on behind the last event that it told; a stream that was made anew tells again what was
 * put back into it.
 * @param options.owner the service that publishes
 * @param options.subject full name of a message, or `*`
 * @param options.from epoch milliseconds; without it, only what comes from now on
 */
export const followEvents = (options: {
  bus: Bus;
  owner: string;
  subject: string;
  from?: number | undefined;
  log: Log;
  hear: (event: Followed) => void;
}): Following => {
  const { bus, owner, log, hear } = options;
  const stream = streamName(bus.namespace, owner);
  const subject = options.subject === '*' ? `plaza.${owner}.v1.*` : options.subject;
  const closing = new AbortController();
  let last: { created: string; seq: number; at: Date } | undefined;

  const beginning = ({ created, state }: { created: string; state: { last_seq: number } }) => {
    // From here on nothing is passed over, also if the connection breaks before the first event.
    if (options.from === undefined) last ??= { created, seq: state.last_seq, at: new Date() };
    if (last?.created === created) return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: last.seq + 1 };
    const from = last?.at ?? new Date(options.from ?? 0);
    return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: from.toISOString() };
  };

  const read = async (link: Link): Promise<void> => {
    const over = AbortSignal.any([closing.signal, link.lost]);
    const found = await link.admin.streams.info(stream);
    const { created } = found;
    const wanted = { filterSubjects: eventSubject(bus.namespace, subject), ...beginning(found) };
    const consumer = await link.stream.consumers.get(stream, wanted);
    const messages = await consumer.consume();
    const stop = () => void messages.close();
    over.addEventListener('abort', stop, { once: true });
    if (over.aborted) stop();
    for await (const message of messages) {
      last = { created, seq: message.seq, at: new Date(message.info.timestampNanos / 1_000_000) };
      tell(message);
    }
  };

  const tell = (message: JsMsg) => {
    const envelope = readHeaders(message.headers);
    if (!envelope) return;
    hear({ ...envelope, payload: message.data, storedAt: Math.floor(message.info.timestampNanos / 1_000_000) });
  };

  const run = async (): Promise<void> => {
    for (let link = await bus.linked(closing.signal); link; link = await bus.linked(closing.signal)) {
      await read(link).catch((error: unknown) => log.info('follow.waiting', { stream, ...errorFields(error) }));
      await pause(RETRY_MS, closing.signal);
    }
  };
  const running = run();

  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
};
