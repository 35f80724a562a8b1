import {
  AppError,
  assertAlive,
  backoffMs,
  deadlineExceeded,
  isPastDeadline,
  pause,
  remainingMs,
  type Context,
  type Metrics,
} from '@plaza/core';

import { EngineFailure } from './engine.ts';
import type { Fault, Faults, Verb } from './faults.ts';
import { commandRetries, commandSeconds } from './metrics.ts';
import type { Table } from './table.ts';

export interface CommandOptions {
  readonly faults?: Faults | undefined;
  readonly metrics: Metrics;
  /** Full jitter below min(cap, base * 2^attempt), milliseconds. */
  readonly backoff: { readonly baseMs: number; readonly capMs: number };
}

export interface Call {
  readonly verb: Verb | 'createTable';
  readonly table: Table;
  /** Whether sending it again after a lost reply does no harm. */
  readonly repeatable: boolean;
}

/** `half` asks a batch to process only its first half, for the partial fault. */
export type Send<T> = (half: boolean) => Promise<T>;

export type RunCommand = <T>(ctx: Context, call: Call, send: Send<T>) => Promise<T>;

/** Tries of one command whose answer is lost. */
const UNKNOWN_TRIES = 3;
/** These go on as long as the caller waits: an engine that starts is slow, and one call of a long batch must not undo the rest. */
const PATIENT: ReadonlySet<Call['verb']> = new Set<Call['verb']>(['createTable', 'batchWrite']);

/**
 * Sends one command until it is answered. The SDK's own retries are off, so that this is the one place that repeats: conflicts
 * and throttles, which applied nothing, until the deadline; lost answers only where a repetition does no harm.
 */
export const createRunCommand = ({ faults, metrics, backoff }: CommandOptions): RunCommand => {
  const retries = metrics.counter(commandRetries);
  const seconds = metrics.histogram(commandSeconds);
  return async (ctx, call, send) => {
    let last: EngineFailure | undefined;
    for (let attempt = 0, unknown = 0; ; attempt++) {
      try {
        assertAlive(ctx);
      } catch (ended) {
        throw last && isPastDeadline(ctx) ? storeError(ctx, last) : ended;
      }
      const started = performance.now();
      try {
        return await sendOnce(ctx, call, attempt, send, faults).finally(() =>
          seconds.observe({ operation: call.verb, table: call.table.name }, (performance.now() - started) / 1_000),
        );
      } catch (error) {
        if (!(error instanceof EngineFailure)) throw error;
        last = error;
        if (error.kind === 'unknown') unknown++;
        const patient = PATIENT.has(call.verb) || unknown < UNKNOWN_TRIES;
        const again = error.kind === 'unknown' ? call.repeatable && patient : error.kind !== 'aborted';
        const wait = backoffMs(attempt, backoff.baseMs, backoff.capMs);
        if (!again || remainingMs(ctx) <= wait) throw storeError(ctx, error);
        retries.add({ operation: call.verb, table: call.table.name, kind: error.kind });
        await pause(wait, ctx.signal);
      }
    }
  };
};

const sendOnce = async <T>(ctx: Context, call: Call, attempt: number, send: Send<T>, faults: Faults | undefined): Promise<T> => {
  const { verb, table } = call;
  // Set-up is no part of a fault plan.
  if (verb === 'createTable') return send(false);
  const fault = await faults?.({ verb, table: table.name, method: ctx.method, attempt });
  if (fault === undefined || !MAKES_SENSE[fault].has(verb)) return send(false);
  switch (fault) {
    case 'partial':
      return send(true);
    case 'lost-reply':
      await send(false);
      throw new EngineFailure('unknown', new Error('injected: the reply was lost'));
    case 'unreachable':
      throw new EngineFailure('unknown', new Error('injected: the command was lost'));
    case 'conflict':
    case 'throttle':
      throw new EngineFailure(fault, new Error(`injected: ${fault}`));
  }
};

const EVERY: readonly Verb[] = ['get', 'batchGet', 'query', 'count', 'write', 'transact', 'batchWrite'];

const MAKES_SENSE: Readonly<Record<Fault, ReadonlySet<Verb>>> = {
  conflict: new Set<Verb>(['write', 'transact']),
  throttle: new Set(EVERY),
  partial: new Set<Verb>(['batchGet', 'batchWrite']),
  'lost-reply': new Set(EVERY),
  unreachable: new Set(EVERY),
};

/** The answer to the caller once repeating is over. */
export const storeError = (ctx: Context, failure: EngineFailure): AppError => {
  if (failure.kind === 'conflict')
    return new AppError('ABORTED', 'WRITE_CONFLICT', 'the write lost too many races; repeat it with the same request_id', {
      domain: 'plaza',
      cause: failure,
    });
  // A throttle keeps its name to the end, because it applied nothing.
  if (failure.kind !== 'throttle' && isPastDeadline(ctx)) return deadlineExceeded();
  if (failure.kind === 'aborted') return new AppError('CANCELLED', 'CALL_CANCELLED', 'the caller went away', { domain: 'plaza' });
  return new AppError('UNAVAILABLE', 'STORE_UNAVAILABLE', 'the table store did not answer in time', {
    domain: 'plaza',
    cause: failure,
  });
};
