import type { Context } from '@plaza/core';

/** A message that a consumer gave up on, with all that is needed to hand it out again. */
export type DeadLetter = {
  /** `<durable>/<event id>`: dying twice overwrites the same letter. */
  readonly id: string;
  readonly kind: 'event' | 'task';
  readonly durable: string;
  /** Full name of the message. */
  readonly subject: string;
  readonly eventId: string;
  /** Reason of the last failure, an UPPER_SNAKE constant: never a message, which may hold personal data. */
  readonly reason: string;
  readonly tries: number;
  /** Epoch milliseconds of the death. */
  readonly createdAt: number;
  readonly payload: Uint8Array;
  readonly aggregateId: string;
  readonly version: number;
  /** Epoch milliseconds of the event. */
  readonly occurredAt: number;
  readonly trace: string;
};

/** What consumers need of their service's table; libs/dynamo implements it. */
export interface DeadLetterStore {
  put(ctx: Context, letter: DeadLetter): Promise<void>;
  /** Newest events first; `after` is the id of the last letter seen. */
  list(ctx: Context, limit: number, after?: string): Promise<DeadLetter[]>;
  get(ctx: Context, id: string): Promise<DeadLetter | undefined>;
  /** A missing letter is no error. */
  remove(ctx: Context, id: string): Promise<void>;
}

export const letterId = (durable: string, eventId: string): string => `${durable}/${eventId}`;
