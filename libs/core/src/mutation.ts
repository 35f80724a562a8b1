import { createHash } from 'node:crypto';

import type { Caller, Context } from './context.ts';
import { newId } from './ids.ts';

/** Identity of one mutating call: the same id from the same caller to the same method is the same call. */
export interface Mutation {
  readonly id: string;
  /** Whether the caller chose the id, and so may repeat the call. */
  readonly repeatable: boolean;
  /** Caller and method: an id means nothing to another caller. */
  readonly scope: string;
  /** SHA-256 of the body, to tell a repetition from a reuse. */
  readonly hash: string;
}

/**
 * `body` is the decoded request; bigint, Date and bytes are hashed by value. A UUID is the same in capital and small letters; a ULID
 * has capital ones only.
 */
export const mutationOf = (ctx: Context, requestId: string, body: object): Mutation => {
  const id = requestId.includes('-') ? requestId.toLowerCase() : requestId;
  const sameBody = 'requestId' in body ? { ...body, requestId: id } : body;
  return {
    id: id === '' ? newId() : id,
    repeatable: id !== '',
    scope: `${callerKey(ctx.caller)}#${ctx.method}`,
    hash: createHash('sha256').update(JSON.stringify(sameBody, byValue)).digest('base64url'),
  };
};

/** One caller, one key: for idempotency and page tokens. */
export const callerKey = (caller: Caller): string => {
  switch (caller.kind) {
    case 'user':
      return `user:${caller.userId}`;
    case 'service':
      return `service:${caller.service}:${caller.userId ?? ''}`;
    case 'admin':
    case 'anonymous':
      return caller.kind;
  }
};

const byValue = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
