import { AppError, isAppError, type Metrics } from '@plaza/core';

import { overloaded } from './admission.ts';
import type { Limits } from './limits.ts';
import { serverWatches } from './metrics.ts';

/** One stream that lives long. */
export interface Watch {
  /** The person who watches; undefined for services and admins, who may watch as much as there is room. */
  readonly person: string | undefined;
  /** Asks again whether the caller may still listen. What it throws ends the stream. */
  readonly check: () => Promise<void> | undefined;
  readonly end: (error: unknown) => void;
}

/** The streams of a server that live long. They would fill all places among the calls, so that they are counted by themselves. */
export interface Watches {
  /** Answers what to call when the stream is over. @throws AppError RESOURCE_EXHAUSTED OVERLOADED, UNAVAILABLE SERVER_CLOSING */
  enter(watch: Watch): () => void;
  /** Ends all of them, and those to come. */
  close(): void;
  readonly open: number;
  /** How long a watcher may take nothing, in milliseconds. */
  readonly slowMs: number;
}

/** Together with the way of the news, the end of a session ends its streams about a second later. */
const CHECK_EVERY_MS = 1_000;
/** Of one person: each of their screens, and some that they forgot. */
const MOST_OF_ONE = 20;
/** So often in a row it may be impossible to ask about the session, of which all was well a second before. */
const MOST_UNASKED = 5;
/** Before whoever found no place comes back. */
const COME_BACK_MS = 1_000;

export const createWatches = ({ watches: most, slowMs }: Limits, metrics: Metrics): Watches => {
  const gauge = metrics.gauge(serverWatches);
  const open = new Set<Watch>();
  let closed = false;
  const count = () => gauge.set({}, open.size);
  count();

  return {
    slowMs,
    get open() {
      return open.size;
    },
    enter(watch) {
      if (closed) throw serverClosing();
      const own = [...open].filter(({ person }) => person !== undefined && person === watch.person).length;
      if (open.size >= most || own >= MOST_OF_ONE) throw overloaded(COME_BACK_MS);
      open.add(watch);
      count();
      // A clock each: begun at different times, they do not all ask at one time.
      const checkOn = createCheck(watch);
      const timer = setInterval(() => void checkOn(), CHECK_EVERY_MS);
      return () => {
        clearInterval(timer);
        open.delete(watch);
        count();
      };
    },
    close() {
      closed = true;
      for (const { end } of open) end(serverClosing());
    },
  };
};

const createCheck = ({ check, end }: Watch) => {
  let unasked = 0;
  return async (): Promise<void> => {
    try {
      await check();
      unasked = 0;
    } catch (error) {
      if (!isAppError(error) || error.code !== 'UNAVAILABLE' || ++unasked >= MOST_UNASKED) end(error);
    }
  };
};

const serverClosing = (): AppError =>
  new AppError('UNAVAILABLE', 'SERVER_CLOSING', 'the server closes; go on elsewhere', { domain: 'plaza' });

export const streamTooSlow = (): AppError =>
  new AppError('RESOURCE_EXHAUSTED', 'STREAM_TOO_SLOW', 'what is watched is not taken; come back, and go on from where you are', {
    domain: 'plaza',
  });
