import type { Metadata, StatusObject } from '@grpc/grpc-js';
import {
  AppError,
  callerKey,
  deadlineExceeded,
  errorFields,
  isAppError,
  newId,
  traceIdOf,
  type Caller,
  type Context,
  type Log,
} from '@plaza/core';

import type { Admission } from './admission.ts';
import type { CallMetrics } from './call-metrics.ts';
import { endCallSpan, startCallSpan } from './call-span.ts';
import type { MethodContract } from './contract.ts';
import { admitPeer, peerOf, type PeerCall } from './peer.ts';
import { admit, authenticate } from './policy.ts';
import type { Limiter } from './rate-limits.ts';
import type { SessionGuard } from './session-guard.ts';
import { toGrpc } from './status.ts';
import type { Verifier } from './verifier.ts';
import type { Watches } from './watches.ts';

/** What all calls of a server share. */
export interface Serving {
  /** Domain of the service's own reasons, such as `plaza.order`. */
  readonly domain: string;
  readonly verifier: Verifier;
  /** Undefined: access tokens end by their time alone. */
  readonly sessions: SessionGuard | undefined;
  readonly admission: Admission;
  readonly watches: Watches;
  /** Undefined only if no method declares limits. */
  readonly limiter: Limiter | undefined;
  readonly metrics: CallMetrics;
  /** Every connection has the certificate of its peer. */
  readonly mutualTls: boolean;
  readonly log: Log;
}

/** What the calls of grpc-js have in common. */
export interface GrpcCall extends PeerCall {
  readonly metadata: Metadata;
  getDeadline(): Date | number;
  on(event: 'cancelled', listener: () => void): unknown;
}

/**
 * Does the work of one call. `ownerOnly`: the caller passes only as the owner that the request names. `letIn` is to be called when
 * nothing speaks against the request any more.
 */
export type Work = (ctx: Context, ownerOnly: boolean, letIn: () => void) => Promise<void>;

/**
 * One call from its headers to its status: token, peer, policy, session, deadline, admission, then the work. It ends once, whatever
 * comes first: the work's end, its failure, the deadline, or the caller going away. The place that it holds is given
 * back when the work has really ended, of a watch already when it was let in.
 */
export const serveCall = async (
  serving: Serving,
  method: MethodContract,
  call: GrpcCall,
  refuse: (status: StatusObject) => void,
  work: Work,
): Promise<void> => {
  const started = performance.now();
  const requestId = requestIdOf(call);
  const given = deadlineOf(call);
  const deadline = Math.min(given, Date.now() + method.budgetMs);
  const span = startCallSpan(method, 'server', first(call, 'traceparent'));
  const traceId = traceIdOf(span.trace);
  const about = { method: method.fullName, request_id: requestId, ...(traceId && { trace_id: traceId }) };
  const abort = new AbortController();
  const peer = serving.mutualTls ? peerOf(call) : undefined;
  let caller: Caller = { kind: 'anonymous' };
  let ended = false;

  const end = (error?: unknown): void => {
    ended = true;
    clearTimeout(timer);
    const code = error === undefined ? 'OK' : isAppError(error) ? error.code : 'INTERNAL';
    const elapsed = (performance.now() - started) / 1_000;
    serving.metrics.handled(method, code, elapsed);
    endCallSpan(span, code);
    const fields = {
      ...about,
      caller: callerKey(caller),
      ...(peer !== undefined && { peer }),
      code,
      ms: Math.round(elapsed * 1e4) / 10,
    };
    logCall(serving.log, fields, error);
  };
  const fail = (error: unknown): void => {
    if (ended) return;
    refuse(toGrpc(error, serving.domain, requestId));
    end(error);
  };
  const giveUp = (error: unknown): void => {
    if (ended) return;
    fail(error);
    abort.abort(error);
  };
  // grpc-js says "cancelled" when the caller is gone, when the caller's deadline passes (by its timer, which may be some
  // milliseconds early), and after every normal end.
  call.on('cancelled', () => {
    if (!ended) giveUp(Date.now() + EARLY_MS >= deadline ? deadlineExceeded() : callerGone());
  });
  // grpc-js itself watches the caller's deadline; ours counts only where it is nearer.
  const timer = deadline < given ? setTimeout(() => giveUp(deadlineExceeded()), deadline - Date.now()) : undefined;

  serving.metrics.started(method);
  let entered = false;
  const leave = (): void => {
    if (entered) serving.admission.leave();
    entered = false;
  };
  const callerNow = (): Caller => {
    const now = authenticate(call.metadata, serving.verifier, method);
    if (serving.mutualTls) admitPeer(now, peer);
    return now;
  };
  /** What was asked of the caller at the beginning. */
  const checkAgain = () => {
    const still = callerNow();
    return serving.sessions?.check(still);
  };
  let unwatch: (() => void) | undefined;
  const letIn = (): void => {
    if (!method.policy.watch) return;
    const person = caller.kind === 'user' ? caller.userId : undefined;
    unwatch = serving.watches.enter({ person, check: checkAgain, end: giveUp });
    leave();
  };
  try {
    caller = callerNow();
    const admitted = admit(caller, method);
    assertTimeLeft(deadline);
    // Before a place is taken: whoever waits for the user service shall keep none from those who need not.
    const asking = serving.sessions?.check(caller);
    if (asking) await asking;
    if (ended) return;
    const waiting = serving.admission.enter();
    if (waiting) await waiting;
    entered = true;
    assertTimeLeft(deadline);
    if (ended) return;
    const ctx: Context = {
      requestId,
      method: method.fullName,
      deadline,
      signal: abort.signal,
      log: serving.log.with(about),
      caller,
      trace: span.trace,
    };
    await work(ctx, !admitted, letIn);
    if (!ended) end();
  } catch (error) {
    fail(error);
  } finally {
    leave();
    unwatch?.();
  }
};

/** By how much timers may be early, in milliseconds. */
const EARLY_MS = 5;

/** One line a call. A refusal is the system working; a defect is ours, so it goes with its stack. */
const logCall = (log: Log, fields: Record<string, unknown>, error: unknown): void => {
  if (error === undefined) return log.info('rpc.handled', fields);
  if (isAppError(error) && error.code !== 'INTERNAL')
    // Neither the message nor the metadata of a refusal: they may quote what the caller sent.
    return log.info('rpc.failed', {
      ...fields,
      reason: error.reason,
      domain: error.details.domain,
      violations: error.details.violations?.map(({ field }) => field),
    });
  log.error('rpc.failed', { ...fields, ...errorFields(error), cause: causeOf(error) });
};

const causeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error) || error.cause === undefined) return undefined;
  return error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : JSON.stringify(error.cause);
};

const assertTimeLeft = (deadline: number): void => {
  if (Date.now() >= deadline) throw deadlineExceeded();
};

const deadlineOf = (call: GrpcCall): number => {
  const deadline = call.getDeadline();
  return deadline instanceof Date ? deadline.getTime() : deadline;
};

const first = (call: GrpcCall, key: string): string => String(call.metadata.get(key)[0] ?? '');

/** A request id goes into logs of all services, so it must look like one. */
const requestIdOf = (call: GrpcCall): string => {
  const given = first(call, 'x-request-id');
  return /^[\w.-]{1,64}$/.test(given) ? given : newId();
};

export const callerGone = (): AppError =>
  new AppError('CANCELLED', 'CALL_CANCELLED', 'the caller went away', { domain: 'plaza' });
