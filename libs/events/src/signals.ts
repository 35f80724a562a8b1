import { errorFields, type Log } from '@plaza/core';

import type { Bus } from './bus.ts';
import type { SignalType } from './declare.ts';
import { subscribed, type Listening } from './listen.ts';
import { signalSubject } from './names.ts';

/** Says something to whoever listens now, in whatever process. Without a bus nothing is said: whoever listens looks from time to time. */
export const signal = <T>(bus: Pick<Bus, 'namespace' | 'link'>, type: SignalType<T>, payload: T): void => {
  bus.link()?.connection.publish(signalSubject(bus.namespace, type.subject), type.encode(payload));
};

/**
 * Hears signals of one kind, past all streams. What is said while the connection is broken is missed: `joined` is called when there is a
 * connection again, after which nothing is.
 */
export const hearSignals = <T>(options: {
  bus: Bus;
  type: SignalType<T>;
  log: Log;
  hear: (payload: T) => void;
  joined?: () => void;
}): Listening => {
  const { bus, type, log, hear, joined } = options;
  return subscribed({
    bus,
    log,
    subject: signalSubject(bus.namespace, type.subject),
    hear: ({ data }) => {
      try {
        hear(type.decode(data));
      } catch (error) {
        log.warn('signal.unreadable', { subject: type.subject, ...errorFields(error) });
      }
    },
    ...(joined && { joined }),
  });
};
