import { errorFields, pause, type Log } from '@plaza/core';

import type { Msg } from 'nats';

import type { Bus, Link } from './bus.ts';
import { readHeaders, type Envelope } from './envelope.ts';
import { eventSubject } from './names.ts';

/** What an event is about; whoever wants more reads it from where it is true. */
export type Heard = Pick<Envelope, 'subject' | 'aggregateId' | 'version'>;

/** Before a connection is asked again that could not be listened to. */
const RETRY_MS = 200;

export interface Listening {
  close(): void;
}

/** Listens for as long as there is a bus, on one connection after the other. */
export const subscribed = (options: {
  bus: Bus;
  log: Log;
  subject: string;
  hear: (message: Msg) => void;
  /** What was said before, since the last connection, may have been missed. */
  joined?: () => void;
}): Listening => {
  const { bus, log, subject, hear, joined } = options;
  const closing = new AbortController();

  const subscribe = ({ connection }: Link) =>
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (error) return log.error('listen.deaf', errorFields(error));
        hear(message);
      },
    });

  /** As long as the connection holds. */
  const hearFrom = async (link: Link): Promise<void> => {
    const over = AbortSignal.any([closing.signal, link.lost]);
    if (over.aborted) return;
    const subscription = subscribe(link);
    joined?.();
    await new Promise((resolve) => over.addEventListener('abort', resolve));
    // Or the connection would make it again by itself, beside ours.
    subscription.unsubscribe();
  };

  const run = async (): Promise<void> => {
    for (let link = await bus.linked(closing.signal); link; link = await bus.linked(closing.signal))
      await hearFrom(link).catch((error: unknown) => {
        log.warn('listen.failed', errorFields(error));
        return pause(RETRY_MS, closing.signal);
      });
  };
  void run();

  return { close: () => closing.abort() };
};

/**
 * Hears in this process of every event of a service, past its stream: nothing is stored for it, and what is published while the
 * connection is broken is missed. So it is good for hints, to whoever looks from time to time anyway. May tell twice.
 * @param options.owner the service that publishes
 */
export const listen = (options: { bus: Bus; owner: string; log: Log; hear: (event: Heard) => void }): Listening => {
  const { bus, owner, log, hear } = options;
  return subscribed({
    bus,
    log,
    subject: eventSubject(bus.namespace, `plaza.${owner}.v1.>`),
    hear: (message) => {
      const event = readHeaders(message.headers);
      if (event) hear(event);
    },
  });
};
