import type { GenerationLease } from '@plaza/cache';
import { backgroundContext, errorFields, isAppError, pause, type Log } from '@plaza/core';

import type { HeadGeneration } from './store/home/head-generation.ts';

/** A lease lasts 5 s: it survives a slow renewal, and lapses soon when the worker cannot reach Redis. */
const RENEW_MS = 1000;
const WARN_AFTER = 3;

/**
 * Lets Redis heads be believed for as long as this worker can insert into them. The generation is read from the table each time,
 * strongly consistent: after any worker's failed insert, nobody renews the generation that may have a hole.
 */
export const keepHeadsTrusted = (deps: { leases: readonly GenerationLease[]; generation: HeadGeneration; log: Log }) => {
  const { leases, generation, log } = deps;
  const closing = new AbortController();

  const renew = async () => {
    const ctx = backgroundContext({ method: 'feed.keep-heads', timeoutMs: 2 * RENEW_MS, log, signal: closing.signal });
    try {
      const current = await generation.current(ctx);
      await Promise.all(leases.map((lease) => lease.renew(ctx, current)));
    } catch (error) {
      // Redis has seen a higher one: the table was made anew. Until it is passed, no head can be believed.
      if (!isAppError(error, 'WRITE_CONFLICT')) throw error;
      await generation.raise(ctx);
    }
  };

  const run = async () => {
    for (let failures = 0; !closing.signal.aborted;) {
      try {
        await renew();
        failures = 0;
      } catch (error) {
        failures++;
        // The first tries of a process find Redis not yet connected.
        if (failures === WARN_AFTER && !closing.signal.aborted) log.warn('feed.heads_not_renewed', errorFields(error));
      }
      await pause(RENEW_MS, closing.signal);
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
