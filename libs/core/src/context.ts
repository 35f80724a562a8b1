import { AppError } from './errors.ts';
import { newId } from './ids.ts';
import { silentLog, type Log } from './log.ts';

/** Who makes the call, as proven by its token. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly userId: string; readonly session?: SessionClaim }
  | { readonly kind: 'admin' }
  /** A service; `userId` is the user it acts for, if any. */
  | { readonly kind: 'service'; readonly service: string; readonly userId?: string };

/** The session that a user's access token belongs to. A token without one, such as an operator's own, ends by its time alone. */
export interface SessionClaim {
  readonly id: string;
  /** The user's epoch when the token was made; a higher one of the user makes the token worthless. */
  readonly epoch: number;
}

/** Goes first into every handler, store, client and consumer function. */
export interface Context {
  readonly requestId: string;
  /** Full name of the RPC, or of the consumer or driver that runs: `plaza.order.v1.OrderService/CreateOrder`. */
  readonly method: string;
  /** Epoch milliseconds after which nobody waits for the answer. */
  readonly deadline: number;
  /** Aborted when the caller goes away or the deadline passes. */
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly caller: Caller;
  /** W3C traceparent header value of the current span; empty when there is none. */
  readonly trace: string;
}

export const remainingMs = (ctx: Pick<Context, 'deadline'>): number => ctx.deadline - Date.now();

/**
 * Whether time is what ended the context. Its timer may fire some milliseconds before the clock reaches the deadline, above all
 * on a busy machine; the signal then says why it fired.
 */
export const isPastDeadline = (ctx: Pick<Context, 'deadline' | 'signal'>): boolean => {
  const reason: unknown = ctx.signal.reason;
  return remainingMs(ctx) <= 0 || (reason instanceof Error && reason.name === 'TimeoutError');
};

/** Throws DEADLINE_EXCEEDED or CANCELLED if nobody waits for the answer any more. */
export const assertAlive = (ctx: Context): void => {
  if (isPastDeadline(ctx)) throw deadlineExceeded();
  if (ctx.signal.aborted) throw new AppError('CANCELLED', 'CALL_CANCELLED', 'the caller went away');
};

export const deadlineExceeded = (): AppError =>
  new AppError('DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED', 'the deadline passed before the work was done');

/** A context with a deadline of at most `timeoutMs` from now. Its signal fires at that deadline or with the parent's. */
export const withTimeout = (ctx: Context, timeoutMs: number): Context => {
  const deadline = Math.min(ctx.deadline, Date.now() + timeoutMs);
  const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(Math.max(0, deadline - Date.now()))]);
  return { ...ctx, deadline, signal };
};

/** A context for work that no caller started: relays, drivers, sweeps. */
export const backgroundContext = (options: {
  method: string;
  timeoutMs: number;
  log?: Log;
  signal?: AbortSignal;
  trace?: string;
}): Context => {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  return {
    requestId: newId(),
    method: options.method,
    deadline: Date.now() + options.timeoutMs,
    signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    log: options.log ?? silentLog,
    caller: { kind: 'anonymous' },
    trace: options.trace ?? '',
  };
};
