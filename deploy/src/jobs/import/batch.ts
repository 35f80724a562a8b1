import { isAppError, pause, type AppError } from '@plaza/core';

import type { AdminClient } from '../admin-client.ts';
import type { Job } from '../run-job.ts';
import type { Line } from './lines.ts';

/** A Batch RPC that creates things, each of which is taken or refused by itself. */
export interface BatchRpc {
  readonly method: string;
  /** Of the request: `users`. */
  readonly items: string;
  /** Of a result: `user`. */
  readonly item: string;
}

/** A line as it is sent. */
export interface Item {
  readonly line: Line;
  readonly request: object;
}

export type Outcome = { readonly made: Readonly<Record<string, unknown>> } | { readonly reason: string };

interface Result {
  readonly error?: { readonly details?: readonly { readonly reason?: string }[] };
  readonly [made: string]: unknown;
}

const CALL_MS = 10_000;
const TRIES = 5;
const WAIT_MS = 1_000;

/** Sends a batch, and again while the service is away: every item has its request_id. Answers in the order of the items. */
export const sendBatch = async (job: Job, client: AdminClient, rpc: BatchRpc, items: readonly Item[]): Promise<Outcome[]> => {
  try {
    const answer = await insist(job, () =>
      client.call<{ results?: Result[] }>(job.context(CALL_MS), rpc.method, { [rpc.items]: items.map(({ request }) => request) }),
    );
    return (answer.results ?? []).map((result) => outcomeOf(rpc, result));
  } catch (error) {
    const reason = refusalOf(error);
    // One line that breaks the schema takes its whole batch along: alone, each is told by itself.
    if (items.length === 1) return [{ reason }];
    const outcomes: Outcome[] = [];
    for (const item of items) outcomes.push(...(await sendBatch(job, client, rpc, [item])));
    return outcomes;
  }
};

const outcomeOf = ({ item }: BatchRpc, result: Result): Outcome => {
  const made = result[item];
  if (typeof made === 'object' && made !== null) return { made: made as Readonly<Record<string, unknown>> };
  return { reason: result.error?.details?.find(({ reason }) => reason !== undefined)?.reason ?? 'UNKNOWN' };
};

/** Why this line can never be sent, or the error itself when it is no fault of the line's. */
const refusalOf = (error: unknown): string => {
  if (isAppError(error) && error.code === 'INVALID_ARGUMENT') return [error.reason, ...fieldsOf(error)].join(' ');
  // The service was not reached with it: it is no message of the schema. The text quotes no more than the field.
  if (error instanceof Error && !isAppError(error) && /from JSON/.test(error.message)) return 'UNDECODABLE_MESSAGE';
  throw error;
};

const fieldsOf = ({ details }: AppError): string[] =>
  (details.violations ?? []).map(({ field }) => field.replace(/^\w+\[\d+\]\./, ''));

/** Again after what passes; a pod that is replaced is back within seconds. */
export const insist = async <T>(job: Job, call: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const passing =
        isAppError(error) && ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'ABORTED'].includes(error.code);
      if (!passing || attempt === TRIES || job.stop.aborted) throw error;
      job.log.warn('import.delayed', { code: error.code, reason: error.reason, attempt });
      await pause(WAIT_MS * attempt, job.stop);
    }
  }
};
