import { Metadata, status as codes, type Client as GrpcClient, type ServiceError } from '@grpc/grpc-js';
import { AppError, assertAlive, deadlineExceeded, isAppError, remainingMs, type Context } from '@plaza/core';

import type { CallMetrics } from './call-metrics.ts';
import type { Channel } from './channel.ts';
import type { MethodContract } from './contract.ts';
import { DETAILS_KEY, fromGrpc } from './status.ts';
import { endCallSpan, startCallSpan } from './call-span.ts';

/** What all calls of a client share. */
export interface Calling {
  readonly channel: Channel;
  readonly token: (ctx: Context) => string | undefined;
  readonly metrics: CallMetrics;
}

/** One call under way, from the caller's side. */
export interface ClientCall {
  readonly client: GrpcClient;
  readonly metadata: Metadata;
  readonly options: { readonly deadline: number };
  /** Lets the caller's cancel reach the call. */
  follow(call: { cancel(): void }): void;
  /** The call brought its answer. */
  succeed(): void;
  /** The call failed; answers what to throw. */
  fail(error: unknown): unknown;
}

/** Spent on the way to the peer and back: the caller must still have time to answer. */
const HOP_MS = 5;

/**
 * @throws Error if the context has no finite deadline
 * @throws AppError DEADLINE_EXCEEDED or CANCELLED if nobody would wait for the answer
 */
export const openCall = ({ channel, token, metrics }: Calling, method: MethodContract, ctx: Context): ClientCall => {
  if (!Number.isFinite(ctx.deadline)) throw new Error(`${method.fullName} was called without a deadline`);
  assertAlive(ctx);
  const deadline = Math.min(ctx.deadline - HOP_MS, Date.now() + method.budgetMs);
  if (deadline <= Date.now()) throw deadlineExceeded();

  const bearer = token(ctx);
  const span = startCallSpan(method, 'client', ctx.trace);
  const metadata = new Metadata();
  metadata.set('x-request-id', ctx.requestId);
  if (span.trace !== '') metadata.set('traceparent', span.trace);
  if (bearer !== undefined) metadata.set('authorization', `Bearer ${bearer}`);

  const started = performance.now();
  metrics.started(method);
  let cancel: (() => void) | undefined;
  let ended = false;
  const end = (code: string): void => {
    if (ended) return;
    ended = true;
    if (cancel) ctx.signal.removeEventListener('abort', cancel);
    metrics.handled(method, code, (performance.now() - started) / 1_000);
    endCallSpan(span, code);
  };

  const client = channel.begin();
  return {
    client,
    metadata,
    options: { deadline },
    follow(call) {
      cancel = () => call.cancel();
      ctx.signal.addEventListener('abort', cancel, { once: true });
    },
    succeed() {
      channel.answered();
      end('OK');
    },
    fail(error) {
      const failure = isServiceError(error) ? failureOf(error, ctx, channel, client) : error;
      end(isAppError(failure) ? failure.code : 'INTERNAL');
      return failure;
    },
  };
};

const failureOf = (error: ServiceError, ctx: Context, channel: Channel, client: GrpcClient): AppError => {
  const failure = fromGrpc(error);
  if (error.metadata.get(DETAILS_KEY).length > 0) {
    channel.answered();
    return failure;
  }
  if (ctx.signal.aborted)
    return remainingMs(ctx) <= 0 ? deadlineExceeded() : new AppError('CANCELLED', 'CALL_CANCELLED', 'the caller went away');
  channel.unanswered(client, error.details);
  // Nobody here cancelled it: the peer went down and took the call along.
  if (error.code === codes.CANCELLED)
    return fromGrpc({ code: codes.UNAVAILABLE, details: error.details, metadata: error.metadata });
  return failure;
};

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error;
