import process from 'node:process';

import { backgroundContext, errorFields, type Context, type Log } from '@plaza/core';
import { createLog } from '@plaza/rpc';

/** What every job works with. */
export interface Job {
  readonly log: Log;
  /** Aborted by SIGTERM and SIGINT: what is done stays done, and the next run goes on from there. */
  readonly stop: AbortSignal;
  /** A fresh context of an admin. */
  readonly context: (timeoutMs: number) => Context;
}

/**
 * Runs a job to its end with a service's manners: JSON lines, and SIGTERM ends it between two steps. The work answers how many
 * things it could not do. Exits 0 when there were none, 1 when there were some or it broke off; 143 when it was stopped.
 */
export const runJob = async (
  name: string,
  config: { readonly logLevel: string },
  work: (job: Job) => Promise<number>,
): Promise<number> => {
  const log = createLog({ service: name, level: config.logLevel });
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  const stop = stopping.signal;
  const context = (timeoutMs: number): Context => ({
    ...backgroundContext({ method: `plaza.jobs/${name}`, timeoutMs, log, signal: stop }),
    caller: { kind: 'admin' },
  });
  log.info('job.started');
  try {
    const failures = await work({ log, stop, context });
    if (stop.aborted) return stopped(log);
    log.info('job.finished', { failures });
    return failures === 0 ? 0 : 1;
  } catch (error) {
    if (stop.aborted) return stopped(log);
    log.error('job.failed', errorFields(error));
    return 1;
  }
};

const stopped = (log: Log): number => {
  log.warn('job.stopped');
  return 143;
};
