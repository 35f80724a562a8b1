import { errorFields, idTime, type Clock, type Log, type Metrics } from '@plaza/core';
import type { Msg, NatsError } from 'nats';

import type { Bus, Link } from './bus.ts';
import { sessionsRevoked } from './catalogue.ts';
import { readHeaders } from './envelope.ts';
import { createHearing, REMEMBERED_MS, type Hearing } from './hearing.ts';
import { sessionEndsHeard, sessionWatchSure } from './metrics.ts';
import { beatSubject, eventSubject } from './names.ts';

const ROUND_TRIP_EVERY_MS = 200;

/** Times are those of the clock that was handed in. */
export type RevocationWatch = Pick<Hearing, 'sureSince' | 'sureUntil' | 'hasEnded'> & { close(): void };

/**
 * Hears in this process of every ended session, at once, and knows when it may have missed one. It listens past the streams:
 * what is published into a stream reaches plain subscribers too, without a consumer for each process; and what they miss they
 * need not catch up on, because whoever was not sure asks the user service.
 * @param options.now monotonic milliseconds
 */
export const watchRevocations = (options: { bus: Bus; log: Log; metrics: Metrics; now?: Clock }): RevocationWatch => {
  const { bus, log, now = () => performance.now() } = options;
  const sure = options.metrics.gauge(sessionWatchSure);
  const heard = options.metrics.counter(sessionEndsHeard);
  const hearing = createHearing(now);
  const closing = new AbortController();

  const hear = ({ data, headers }: Msg) => {
    // A replay brings a week of them; the tokens of those are over, by the clock that they are held against here.
    const id = readHeaders(headers)?.id;
    if (id === undefined || Date.now() - idTime(id) > REMEMBERED_MS) return;
    const { userId, sessionId, epoch } = sessionsRevoked.decode(data);
    hearing.ended({ userId, sessionId, epoch: Number(epoch) });
    heard.add({});
  };

  /** An end that cannot be read is in the table all the same, and everybody is asked about anew: one bad message costs that once. */
  const tryToHear = (message: Msg) => {
    try {
      hear(message);
    } catch (error) {
      log.error('session_watch.undecodable', errorFields(error));
      hearing.missed();
    }
  };

  const listen = async (link: Link) => {
    const over = AbortSignal.any([closing.signal, link.lost]);
    if (over.aborted) return;
    // Not allowed to listen: on this connection all is missed.
    const deaf = (error: unknown) => {
      log.error('session_watch.deaf', errorFields(error));
      hearing.closed();
    };
    const subscribe = (subject: string, take: (message: Msg) => void) => {
      const callback = (error: NatsError | null, message: Msg) => (error ? deaf(error) : take(message));
      try {
        return link.connection.subscribe(subject, { callback });
      } catch (error) {
        return deaf(error);
      }
    };
    hearing.opened();
    // In this order: who hears a beat is known to be subscribed to the other.
    const subscriptions = [
      subscribe(eventSubject(bus.namespace, sessionsRevoked.subject), tryToHear),
      subscribe(beatSubject(bus.namespace, sessionsRevoked.owner), () => hearing.beat()),
    ];
    const tryWay = async () => {
      const sentAt = now();
      try {
        await link.connection.flush();
        hearing.roundTrip(sentAt);
      } catch {
        // The connection broke, which is noticed elsewhere.
      }
    };
    void tryWay();
    const trying = setInterval(() => void tryWay(), ROUND_TRIP_EVERY_MS);
    await new Promise<void>((resolve) => {
      over.addEventListener('abort', () => {
        hearing.closed();
        resolve();
      });
    });
    clearInterval(trying);
    for (const subscription of subscriptions) subscription?.unsubscribe();
  };

  const run = async () => {
    for (let link = await bus.linked(closing.signal); link; link = await bus.linked(closing.signal)) await listen(link);
  };

  let was: boolean | undefined;
  const tell = () => {
    const is = hearing.sureSince() !== undefined;
    sure.set({}, is ? 1 : 0);
    if (was !== undefined && is !== was) log.info(is ? 'session_watch.sure' : 'session_watch.unsure');
    was = is;
  };
  const telling = setInterval(tell, ROUND_TRIP_EVERY_MS);
  tell();
  void run();

  return {
    ...hearing,
    close() {
      clearInterval(telling);
      closing.abort();
    },
  };
};
