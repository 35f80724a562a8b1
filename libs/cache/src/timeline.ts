import type { Context } from '@plaza/core';
import type { Redis } from './connect.ts';

export interface TimelinePage {
  /** Newest first, at most `limit`. */
  ids: string[];
  /** True: there is nothing older, here or in the table. False: older rows may exist; a page shorter than `limit` goes on in the table. */
  reachedFloor: boolean;
}

export interface Timeline {
  page(ctx: Context, owner: string, range: { before?: string; limit: number }): Promise<TimelinePage | undefined>;
  begin(ctx: Context, owner: string): Promise<string | undefined>;
  fill(ctx: Context, owner: string, token: string, ids: readonly string[], floor: string): Promise<void>;
  insert(ctx: Context, entries: readonly { owner: string; id: string }[]): Promise<void>;
  remove(ctx: Context, owner: string, ids: readonly string[]): Promise<void>;
  drop(ctx: Context, owner: string): Promise<void>;
}

export const createTimeline = (options: { redis: Redis; namespace: string; name: string; cap: number; ttlMs: number }): Timeline => {
  throw new Error(`being built: ${options.name}`);
};
