import type { Context } from '@plaza/core';
import type { Redis } from './connect.ts';

export interface EntityCache<T> {
  get(ctx: Context, id: string, load: () => Promise<T | undefined>): Promise<T | undefined>;
  getMany(ctx: Context, ids: readonly string[], load: (missing: string[]) => Promise<Map<string, T>>): Promise<Map<string, T>>;
  put(ctx: Context, id: string, value: T): Promise<void>;
  bury(ctx: Context, id: string, version: number): Promise<void>;
}

export const createEntityCache = <T>(options: {
  redis: Redis;
  namespace: string;
  name: string;
  ttlMs: number;
  negativeTtlMs?: number;
  versionOf: (value: T) => number;
  encode?: (value: T) => Uint8Array;
  decode?: (bytes: Uint8Array) => T;
  l1?: { max: number; ttlMs: number };
}): EntityCache<T> => {
  throw new Error(`being built: ${options.name}`);
};
