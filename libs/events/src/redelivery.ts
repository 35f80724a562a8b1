import type { Log } from '@plaza/core';

import { MAX_TRIES_IN_OUTAGE, type Deliver } from './delivery.ts';
import { readHeaders } from './envelope.ts';

/**
 * Hands each redriven dead letter to the durable that gave up on it. What no process has claimed in as many tries as an outage is given
 * is of a durable that is gone: the message goes, and the letter stays.
 */
export const createRedelivery =
  (delivers: ReadonlyMap<string, Deliver>, { log, backoffMs }: { log: Log; backoffMs: readonly number[] }): Deliver =>
  async (message) => {
    const durable = readHeaders(message.headers)?.only ?? '';
    const deliver = delivers.get(durable);
    if (deliver) return deliver(message);
    const tries = message.info.deliveryCount;
    if (tries >= MAX_TRIES_IN_OUTAGE) {
      log.error('event.redrive_given_up', { durable, tries });
      return message.term();
    }
    // Another process has it, of a newer release or of an older one.
    log.warn('event.redrive_unclaimed', { durable });
    message.nak(backoffMs[Math.min(tries, backoffMs.length) - 1]);
  };
