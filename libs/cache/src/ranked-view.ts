import { randomBytes } from 'node:crypto';

import { command, evaluate, loadScript } from './command.ts';
import type { Redis, Traced } from './connect.ts';
import { createDebts } from './debts.ts';
import { jittered } from './jitter.ts';
import { prefix } from './prefix.ts';
import { memberOf, standingOf, type Ranked, type Standing } from './ranked-row.ts';

const scripts = {
  begin: loadScript('ranked-begin'),
  put: loadScript('ranked-put'),
  finish: loadScript('ranked-finish'),
  page: loadScript('ranked-page'),
  find: loadScript('ranked-find'),
};

/** How long a view may be warmed. */
export const WARMING_MS = 30_000;
/** Filling is on no user's path: it may take its time, in rounds that do not block the server for long. */
const FILL_ROUND = 500;
const FILL_MS = 500;

/** Ranked sets in Redis: each is whole, or warming, or not there. */
export interface RankedView {
  /** From the top, `from` places left out; undefined when the view is not whole or Redis is away. */
  page(ctx: Traced, set: string, from: number, limit: number): Promise<Standing[] | undefined>;
  /** In a list, to tell "not in the set" from undefined, which is as above. */
  find(ctx: Traced, set: string, id: string): Promise<[Standing | undefined] | undefined>;
  /** Never throws: a view that was not reached is not read until it was removed. */
  put(ctx: Traced, set: string, row: Ranked): Promise<void>;
  drop(ctx: Traced, set: string): Promise<void>;
  /** The mark of a view that warms from now on; undefined when it is whole, or warmed by another. Throws UNAVAILABLE. */
  begin(ctx: Traced, set: string): Promise<string | undefined>;
  /** False when the mark no longer stands. Throws UNAVAILABLE. */
  fill(ctx: Traced, set: string, mark: string, rows: readonly Ranked[]): Promise<boolean>;
  finish(ctx: Traced, set: string, mark: string): Promise<void>;
}

export const createRankedView = (options: { redis: Redis; namespace: string; name: string; ttlMs: number }): RankedView => {
  const { redis, name, ttlMs } = options;
  /** Two keys of one hash slot. */
  const keysOf = (set: string) => {
    const key = `${prefix(redis, options.namespace)}ranked:${name}:{${set}}`;
    return [`${key}:order`, `${key}:members`];
  };
  const debts = createDebts(redis, ttlMs, (set) => command('unlink', ...keysOf(set)));

  const ask = async (ctx: Traced, set: string, question: ReturnType<typeof evaluate>): Promise<string[] | undefined> => {
    if (debts.owed(set) || !redis.up()) return undefined;
    const [answer] = await redis.send(ctx, [question]).catch(() => [null]);
    return (answer as string[] | null) ?? undefined;
  };
  /** Whether the rows were taken. */
  const put = async (ctx: Traced, set: string, mark: string, rows: readonly Ranked[], atLeastMs?: number): Promise<boolean> => {
    const args = rows.flatMap((row) => [row.id, row.version, row.score, memberOf(row)]);
    const [taken] = await redis.send(ctx, [evaluate(scripts.put, keysOf(set), mark, ...args)], atLeastMs);
    return taken === 1;
  };

  return {
    page: async (ctx, set, from, limit) => {
      const flat = await ask(ctx, set, evaluate(scripts.page, keysOf(set), from, from + limit - 1));
      if (!flat) return undefined;
      const rows = Array.from({ length: flat.length / 2 }, (_, i) =>
        standingOf(flat[2 * i]!, Number(flat[2 * i + 1]), from + i + 1),
      );
      // The mark's score is below all others.
      return rows.filter(({ score }) => Number.isFinite(score));
    },

    find: async (ctx, set, id) => {
      const found = await ask(ctx, set, evaluate(scripts.find, keysOf(set), id));
      if (!found) return undefined;
      const [place, member, score] = found;
      return [member === undefined ? undefined : standingOf(member, Number(score), Number(place) + 1)];
    },

    put: async (ctx, set, row) => {
      await put(ctx, set, '', [row]).catch(() => debts.owe(set, 0));
    },

    drop: async (ctx, set) => {
      await redis.send(ctx, [command('unlink', ...keysOf(set))]).catch(() => debts.owe(set, 0));
    },

    begin: async (ctx, set) => {
      const token = randomBytes(6).toString('base64url');
      const [mark] = await redis.send(ctx, [evaluate(scripts.begin, keysOf(set), token, WARMING_MS)], FILL_MS);
      return (mark as string | null) ?? undefined;
    },

    fill: async (ctx, set, mark, rows) => {
      for (let i = 0; i < rows.length; i += FILL_ROUND)
        if (!(await put(ctx, set, mark, rows.slice(i, i + FILL_ROUND), FILL_MS))) return false;
      return true;
    },

    finish: async (ctx, set, mark) => {
      await redis.send(ctx, [evaluate(scripts.finish, keysOf(set), mark, jittered(ttlMs))], FILL_MS);
    },
  };
};
