import type { Log } from '@plaza/core';

import { BACKOFF_MS, type Deliver } from './delivery.ts';
import { readHeaders } from './envelope.ts';

/** Hands each redriven dead letter to the durable that gave up on it. */
export const createRedelivery =
  (delivers: ReadonlyMap<string, Deliver>, log: Log): Deliver =>
  async (message) => {
    const durable = readHeaders(message.headers)?.only ?? '';
    const deliver = delivers.get(durable);
    if (deliver) return deliver(message);
    // Another process has it, of a newer release or of an older one.
    log.warn('event.redrive_unclaimed', { durable });
    message.nak(BACKOFF_MS[Math.min(message.info.deliveryCount, BACKOFF_MS.length) - 1]);
  };
