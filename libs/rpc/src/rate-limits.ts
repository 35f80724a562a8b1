import { createHash } from 'node:crypto';

import { ScalarType, type DescMethod } from '@bufbuild/protobuf';
import { AppError, fold, type Context } from '@plaza/core';
import type { Limit } from '@plaza/proto/plaza/common/v1/policy';

import type { MethodContract } from './contract.ts';

const KINDS = ['field', 'address', 'caller', 'anonymous'] as const;

/** A limit as the proto declares it: so many calls in a fixed window, for each value of what it is bound to. */
export interface CallLimit {
  readonly kind: (typeof KINDS)[number];
  /** Name of the field in decoded requests; only of kind `field`. */
  readonly field?: string;
  readonly count: number;
  readonly windowMs: number;
}

/** One counter that a call adds to. */
export interface Count {
  readonly kind: CallLimit['kind'];
  /** A hash: names neither the method nor the value, so that no e-mail lies in a cache. */
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
}

/** Why a call is not let in. */
export interface Excess {
  readonly limit: number;
  readonly windowMs: number;
  /** Milliseconds until the window ends. */
  readonly retryAfterMs: number;
}

/** Keeps the counters. libs/cache has one in Redis. */
export interface Limiter {
  /** Adds the call to its counters; behind one that refuses it may leave them out. Undefined: none is above its limit. Never throws. */
  take(ctx: Context, method: string, counts: readonly Count[]): Promise<Excess | undefined>;
}

/** For servers whose callers are trusted: stand-ins in tests. */
export const noLimits: Limiter = { take: async () => undefined };

/** Reads the limits of a method. @throws Error naming the method and what is wrong with which limit */
export const limitsOf = (fullName: string, limits: readonly Limit[], descriptor: DescMethod): CallLimit[] =>
  limits.map((limit, i) => {
    const { field, count, windowS } = limit;
    const wrong = (what: string) => new Error(`${fullName}: limit ${i + 1} of its policy ${what}`);
    const [kind, another] = KINDS.filter((each) => limit[each]);
    if (!kind || another) throw wrong(`is not bound to one of ${KINDS.join(', ')}`);
    if (count === 0 || windowS === 0) throw wrong('has a count or a window of 0');
    const size = { count, windowMs: windowS * 1_000 };
    if (kind !== 'field') return { kind, ...size };
    const found = descriptor.input.fields.find(({ name }) => name === field);
    const isText = found?.fieldKind === 'scalar' && found.scalar === ScalarType.STRING;
    if (!isText || descriptor.methodKind === 'client_streaming')
      throw wrong(`names ${field}, which is no string field of its one request`);
    return { kind, field: found.localName, ...size };
  });

/** Lets a call in or refuses it. @throws AppError RESOURCE_EXHAUSTED RATE_LIMITED, with the time until the window ends */
export type AdmitCall = (ctx: Context, call: { getPeer(): string }, request?: unknown) => Promise<void>;

/** Undefined when nothing limits the method. @throws Error if the method has limits and there is no limiter */
export const rateLimitOf = (method: MethodContract, limiter: Limiter | undefined): AdmitCall | undefined => {
  const { fullName, limits } = method;
  if (limits.length === 0) return undefined;
  if (!limiter) throw new Error(`${fullName} declares limits, and the server has no limiter`);
  return async (ctx, call, request) => {
    if (ctx.caller.kind === 'admin' || ctx.caller.kind === 'service') return;
    const counts = limits.flatMap((limit, i) => {
      const value = valueOf(limit, ctx, call, request);
      if (value === undefined) return [];
      return [{ kind: limit.kind, key: hash([fullName, i, value]), limit: limit.count, windowMs: limit.windowMs }];
    });
    const excess = await limiter.take(ctx, fullName, counts);
    if (excess) throw rateLimited(excess);
  };
};

const valueOf = (limit: CallLimit, ctx: Context, call: { getPeer(): string }, request: unknown): string | undefined => {
  switch (limit.kind) {
    case 'field':
      // Coarser than what a service takes for the same is safe; finer would give each spelling a count of its own.
      return fold(String((request as Readonly<Record<string, unknown>>)[limit.field ?? ''])).trim();
    case 'address':
      return addressOf(call.getPeer());
    case 'caller':
      return ctx.caller.kind === 'user' ? ctx.caller.userId : undefined;
    case 'anonymous':
      return ctx.caller.kind === 'anonymous' ? addressOf(call.getPeer()) : undefined;
  }
};

/**
 * The peer without its port. Of IPv6 the first 64 bits: whoever has one address there has all of them. IPv4 inside IPv6 is the
 * IPv4 address. A Unix socket has no address, and all who come by it are one.
 */
export const addressOf = (peer: string): string => {
  const host = peer.replace(/:\d+$/, '');
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(host);
  if (mapped) return mapped[1]!;
  if (!host.includes(':')) return host;
  const [head = '', tail] = host.replace(/%.*$/, '').split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail ? tail.split(':') : [];
  const groups = tail === undefined ? front : [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  return groups.slice(0, 4).join(':');
};

const hash = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);

const rateLimited = ({ limit, windowMs, retryAfterMs }: Excess): AppError =>
  new AppError('RESOURCE_EXHAUSTED', 'RATE_LIMITED', 'too many calls of this kind; come back later', {
    domain: 'plaza',
    retryAfterMs,
    metadata: { limit: String(limit), window_s: String(windowMs / 1_000) },
  });
