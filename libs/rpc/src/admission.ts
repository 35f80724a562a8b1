import { AppError, type Metrics } from '@plaza/core';

import type { Limits } from './limits.ts';
import { serverInFlight, serverOverloaded } from './metrics.ts';

/** Lets in as many calls as the server can finish in time, and turns the rest away while that is still cheap. */
export interface Admission {
  /** Takes a place, waiting for one if need be. @throws AppError RESOURCE_EXHAUSTED OVERLOADED */
  enter(): Promise<void> | undefined;
  leave(): void;
  readonly inFlight: number;
}

interface Waiting {
  readonly enter: () => void;
  readonly timer: NodeJS.Timeout;
}

export const createAdmission = ({ concurrency, queue, queueMs }: Limits, metrics: Metrics): Admission => {
  const turnedAway = metrics.counter(serverOverloaded);
  const places = metrics.gauge(serverInFlight);
  const waiting = new Set<Waiting>();
  let inFlight = 0;

  const refuse = (): AppError => {
    turnedAway.add({});
    return overloaded(queueMs);
  };
  const hold = (more: 1 | -1): void => places.set({}, (inFlight += more));

  const wait = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(entry);
        reject(refuse());
      }, queueMs);
      const entry = { enter: resolve, timer };
      waiting.add(entry);
    });

  return {
    get inFlight() {
      return inFlight;
    },
    enter() {
      if (inFlight >= concurrency) {
        if (waiting.size >= queue) throw refuse();
        return wait();
      }
      hold(1);
      return undefined;
    },
    leave() {
      const [next] = waiting;
      if (!next) {
        hold(-1);
        return;
      }
      // The place is handed over, so that no newcomer can slip in between.
      waiting.delete(next);
      clearTimeout(next.timer);
      next.enter();
    },
  };
};

/** The times to come back are spread, or all who were turned away would come back at once. */
export const overloaded = (queueMs: number): AppError =>
  new AppError('RESOURCE_EXHAUSTED', 'OVERLOADED', 'the server is at its limit; come back later', {
    domain: 'plaza',
    retryAfterMs: Math.round(queueMs + Math.random() * 4 * queueMs),
  });
