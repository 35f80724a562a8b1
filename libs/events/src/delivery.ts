import {
  AppError,
  backgroundContext,
  crashPoint,
  isAppError,
  startSpan,
  traceIdOf,
  type Context,
  type Log,
  type Metrics,
} from '@plaza/core';
import type { JsMsg } from 'nats';

import type { Handle } from './consumers.ts';
import { letterId, type DeadLetterStore } from './dead-letter.ts';
import type { EventType, TaskType } from './declare.ts';
import { messaging, readHeaders, type Envelope } from './envelope.ts';
import { eventsConsumed, eventsDead, eventsLag } from './metrics.ts';

/** Tries before a message is dead. */
const MAX_TRIES = 5;
/**
 * Failures that say nothing about the message (a peer or the store is away) get more, so that an outage of ten minutes buries
 * nothing. Also the most deliveries of a message whose handling never ends, because it takes the process down.
 */
export const MAX_TRIES_IN_OUTAGE = 30;
const OUTAGE = new Set(['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'DEADLINE_EXCEEDED', 'ABORTED', 'CANCELLED']);

export const BACKOFF_MS: readonly number[] = [200, 1000, 5000, 15_000, 30_000];

/**
 * How long the server waits for a sign of life before it gives a message to someone else, in milliseconds. A living handler
 * sends one three times as often, so this decides only how soon the messages of a killed process go on.
 */
export const leaseMs = (ackWaitMs: number): number => Math.min(ackWaitMs, 5000);

/** Settles one delivery: acknowledged, given back for later, or dead. Rejects if the connection was closed meanwhile. */
export type Deliver = (message: JsMsg) => Promise<void>;

export const createDelivery = <T>(options: {
  type: EventType<T> | TaskType<T>;
  durable: string;
  handle: Handle<T>;
  ackWaitMs: number;
  backoffMs: readonly number[];
  deadLetters: DeadLetterStore;
  log: Log;
  metrics: Metrics;
  /** No more messages are taken. */
  stopping: AbortSignal;
  /** Nor are those in hand waited for. */
  closing: AbortSignal;
}): Deliver => {
  const { type, durable, ackWaitMs, deadLetters, log, metrics, stopping } = options;
  const consumed = metrics.counter(eventsConsumed);
  const dead = metrics.counter(eventsDead);
  // Or the first death would not be an increase.
  dead.add({ durable }, 0);
  const lag = metrics.histogram(eventsLag);

  const context = ({ id, trace }: Envelope): Context => {
    const traceId = traceIdOf(trace);
    const about = { method: durable, timeoutMs: ackWaitMs, signal: options.closing, trace };
    return { ...backgroundContext({ ...about, log: traceId ? log.with({ trace_id: traceId }) : log }), requestId: id };
  };

  const handle = async (envelope: Envelope, payload: T, tries: number) => {
    const { id, occurredAt: at, aggregateId, version } = envelope;
    // A handler that ignores its signal must not keep its slot, the message or a closing process for ever.
    const overdue = Promise.withResolvers<never>();
    const giveUp = () => overdue.reject(new AppError('DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED', 'the handler did not end'));
    const timer = setTimeout(giveUp, ackWaitMs * 2);
    options.closing.addEventListener('abort', giveUp, { once: true });
    try {
      const work = options.handle(context(envelope), payload, { id, at, aggregateId, version, tries, stopping });
      await Promise.race([work, overdue.promise]);
    } finally {
      clearTimeout(timer);
      options.closing.removeEventListener('abort', giveUp);
    }
  };

  const bury = async (message: JsMsg, envelope: Envelope, reason: string) => {
    const tries = message.info.deliveryCount;
    const { id: eventId, occurredAt, aggregateId, version, trace } = envelope;
    const { kind, subject } = type;
    const id = letterId(durable, eventId);
    const about = { id, kind, durable, subject, eventId, aggregateId, version, occurredAt, trace };
    try {
      const ctx = backgroundContext({ method: durable, timeoutMs: 5000, log });
      // A copy: the message's bytes are a window on everything that came in with them.
      await deadLetters.put(ctx, { ...about, reason, tries, createdAt: Date.now(), payload: new Uint8Array(message.data) });
    } catch (error) {
      // Without a letter it must not go away.
      log.error('event.burial_failed', { eventId, ...blame(error) });
      return message.nak(options.backoffMs.at(-1));
    }
    message.term();
    consumed.add({ durable, result: 'dead' });
    dead.add({ durable });
    log.error('event.died', { eventId, subject, reason, tries });
  };

  const fail = async (message: JsMsg, envelope: Envelope, error: unknown) => {
    // The process stops: someone else may have the message at once.
    if (stopping.aborted) return message.nak();
    const tries = message.info.deliveryCount;
    const inOutage = isAppError(error) && OUTAGE.has(error.code);
    log.warn('event.failed', { eventId: envelope.id, subject: type.subject, tries, ...blame(error) });
    if (tries >= (inOutage ? MAX_TRIES_IN_OUTAGE : MAX_TRIES)) return bury(message, envelope, reasonOf(error));
    consumed.add({ durable, result: 'retried' });
    message.nak(options.backoffMs[Math.min(tries, options.backoffMs.length) - 1]);
  };

  return async (message) => {
    const envelope = readHeaders(message.headers) ?? foreign(message, type.subject);
    const tries = message.info.deliveryCount;
    if (tries > MAX_TRIES_IN_OUTAGE) return bury(message, envelope, 'DELIVERIES_EXHAUSTED');
    let payload: T;
    try {
      payload = type.decode(message.data);
    } catch {
      return bury(message, envelope, 'PAYLOAD_UNDECODABLE');
    }
    const span = startSpan(`process ${durable}`, 'consumer', envelope.trace, {
      ...messaging('process', type.subject, envelope.id),
      'messaging.destination.subscription.name': durable,
    });
    const alive = setInterval(() => prolong(message), leaseMs(ackWaitMs) / 3);
    try {
      await handle({ ...envelope, trace: span.trace }, payload, tries);
      span.end();
      crashPoint('events.after-handle');
      if (envelope.only) await deadLetters.remove(context(envelope), letterId(durable, envelope.id));
      message.ack();
      consumed.add({ durable, result: 'handled' });
      lag.observe({ durable }, Math.max(0, Date.now() - envelope.occurredAt) / 1000);
    } catch (error) {
      span.end(reasonOf(error));
      await fail(message, envelope, error);
    } finally {
      clearInterval(alive);
    }
  };
};

const prolong = (message: JsMsg): void => {
  try {
    message.working();
  } catch {
    // The connection was closed for good: the message comes again, to another process.
  }
};

const reasonOf = (error: unknown): string => (isAppError(error) ? error.reason : 'INTERNAL');

/** Messages of errors may quote what was handled, so neither they nor the stack's first lines are logged. */
const blame = (error: unknown) =>
  isAppError(error)
    ? { reason: error.reason, code: error.code }
    : { reason: 'INTERNAL', error: error instanceof Error ? error.name : typeof error, stack: frames(error) };

const frames = (error: unknown): string | undefined =>
  error instanceof Error
    ? error.stack
        ?.split('\n')
        .filter((line) => /^\s+at /.test(line))
        .join('\n')
    : undefined;

/** A message without our headers, sent by hand: its place in the stream names it. */
const foreign = (message: JsMsg, subject: string): Envelope => ({
  id: `${message.info.stream}-${message.seq}`,
  subject,
  occurredAt: Math.floor(message.info.timestampNanos / 1e6),
  aggregateId: '',
  version: 0,
  trace: '',
});
