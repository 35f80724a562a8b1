import { randomBytes, timingSafeEqual } from 'node:crypto';

import { AppError, assertAlive, type Context } from '@plaza/core';

import { formatPhc, parsePhc, sameCost, type HashCost, type PasswordHash } from './domain/phc.ts';
import { createHashPool } from './hash-pool.ts';

/** OWASP's minimum for argon2id: 19 MiB, two passes, one lane; about 50 ms of one core. */
const COST: HashCost = { memoryKiB: 19_456, passes: 2, lanes: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** What one core hashes in about three seconds: whoever came later would not be waited for. */
const MAX_WAITING_PER_WORKER = 64;

export interface Passwords {
  /** A PHC string. Throws RESOURCE_EXHAUSTED OVERLOADED when too many wait. */
  hash(ctx: Context, password: string): Promise<string>;
  /** Takes as long without a hash as with one: whether a login exists cannot be told by the clock. Throws OVERLOADED too. */
  verify(ctx: Context, password: string, hash: string | undefined): Promise<boolean>;
  /** Whether the hash was made with other costs than today's. */
  outdated(hash: string): boolean;
  close(): Promise<void>;
}

/** Hashing at most `workers` at a time: each one holds 19 MiB and a thread. */
export const createPasswords = ({ workers }: { workers: number }): Passwords => {
  const gate = createGate(workers, workers * MAX_WAITING_PER_WORKER);
  const pool = createHashPool();
  /** NFKC, because keyboards differ in how they compose the same letter. */
  const tagOf = (ctx: Context, password: string, { salt, tag, memoryKiB, passes, lanes }: PasswordHash): Promise<Uint8Array> =>
    gate(ctx, () => pool.tagOf({ password: password.normalize('NFKC'), salt, tagLength: tag.length, memoryKiB, passes, lanes }));
  const decoy: PasswordHash = { ...COST, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) };
  return {
    hash: async (ctx, password) => {
      const salt = randomBytes(SALT_BYTES);
      const tag = await tagOf(ctx, password, { ...COST, salt, tag: new Uint8Array(TAG_BYTES) });
      return formatPhc({ ...COST, salt, tag });
    },
    verify: async (ctx, password, hash) => {
      const known = hash === undefined ? undefined : parsePhc(hash);
      const expected = known ?? decoy;
      const same = timingSafeEqual(await tagOf(ctx, password, expected), expected.tag);
      return same && known !== undefined;
    },
    outdated: (hash) => {
      const known = parsePhc(hash);
      return known === undefined || !sameCost(known, COST);
    },
    close: pool.close,
  };
};

/** Lets `slots` in at a time, in order of arrival; whose caller has gone meanwhile is turned away without the work. */
const createGate = (slots: number, maxWaiting: number) => {
  const waiting: (() => void)[] = [];
  let free = slots;
  return async <T>(ctx: Context, work: () => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1;
    else if (waiting.length < maxWaiting) await new Promise<void>((enter) => waiting.push(enter));
    else throw new AppError('RESOURCE_EXHAUSTED', 'OVERLOADED', 'too many sign-ins at once', { retryAfterMs: 1000 });
    try {
      assertAlive(ctx);
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
};
