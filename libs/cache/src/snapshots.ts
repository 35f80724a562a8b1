import { isAppError, newId, type AppError } from '@plaza/core';

import { command } from './command.ts';
import { NOBODY, type Redis } from './connect.ts';
import { prefix } from './prefix.ts';

/** Texts that are kept for a while under ids of their own, and never change: pages are cut from them. */
export interface Snapshots {
  /** The id that it is found by; undefined when Redis is away, and nothing is kept. */
  keep(text: string): Promise<string | undefined>;
  /** Undefined when it is gone, or Redis is away. */
  find(id: string): Promise<string | undefined>;
}

/**
 * @param options.name names the keys
 * @param options.ttlMs how long each is kept: exactly, since its readers were told so
 */
export const createSnapshots = (options: { redis: Redis; namespace: string; name: string; ttlMs: number }): Snapshots => {
  const { redis, name, ttlMs } = options;
  const keyOf = (id: string) => `${prefix(redis, options.namespace)}snapshot:${name}:{${id}}`;
  const unlessAway = async <T>(answer: Promise<T>): Promise<T | undefined> => {
    try {
      return await answer;
    } catch (error) {
      if (isAway(error)) return undefined;
      throw error;
    }
  };
  return {
    keep: async (text) => {
      const id = newId();
      const kept = await unlessAway(redis.send(NOBODY, [command('set', keyOf(id), text, 'PX', ttlMs)]));
      return kept && id;
    },
    find: async (id) => {
      const [text] = (await unlessAway(redis.send(NOBODY, [command('get', keyOf(id))]))) ?? [];
      return typeof text === 'string' ? text : undefined;
    },
  };
};

const isAway = (error: unknown): error is AppError => isAppError(error, 'STORE_UNAVAILABLE');
