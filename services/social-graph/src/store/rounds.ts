import { whileAlive } from '@plaza/cache';
import { backgroundContext, type Context, type Metrics } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import { graph, keys } from './table.ts';
import { tiesIn } from './tie-rows.ts';

/** One request to the table takes 100 keys; one of them is the head of standings. */
const VIEWERS = 99;
const ROUND_MS = 1_000;

/** How often anybody's standing has changed, and whose the last changes were, the latest last. */
export interface Head {
  readonly seq: number;
  readonly recent: readonly string[];
}

/** As the table had it at some moment after it was asked for. */
export interface Confirmed {
  /** Of the viewer's ties; undefined: there is none. */
  readonly version: number | undefined;
  readonly head: Head;
}

export interface Rounds {
  confirm(ctx: Context, viewerId: string): Promise<Confirmed>;
}

interface Waiter {
  readonly ctx: Context;
  readonly viewerId: string;
  readonly resolve: (confirmed: Confirmed) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Whatever is remembered counts only if it is of the versions that the table has now. One strongly consistent read of those serves
 * all who asked before it began; who comes while it is under way waits for the next one, because it may have read before they came.
 * `heard` is called once a round, in the order of the rounds, before anybody of it goes on.
 */
export const createRounds = (deps: { db: Db; metrics: Metrics; heard: (head: Head) => void }): Rounds => {
  const { db, heard } = deps;
  const rounds = deps.metrics.counter('graph_sight_rounds_total', 'Reads that verified looks', []);
  const looks = deps.metrics.counter('graph_sight_looks_total', 'Looks that were verified', []);
  let waiting: Waiter[] = [];
  let running = false;

  const board = (): Waiter[] => {
    const viewers = new Set<string>();
    const [aboard, later]: [Waiter[], Waiter[]] = [[], []];
    for (const waiter of waiting) {
      const fits = viewers.has(waiter.viewerId) || viewers.size < VIEWERS;
      if (fits) viewers.add(waiter.viewerId);
      (fits ? aboard : later).push(waiter);
    }
    waiting = later;
    return aboard;
  };

  const read = async (method: string, aboard: readonly Waiter[]): Promise<void> => {
    // Nobody's own time: who leaves must not take the others along.
    const ctx = backgroundContext({ method, timeoutMs: ROUND_MS });
    const viewers = [...new Set(aboard.flatMap(({ viewerId }) => (viewerId === '' ? [] : [viewerId])))];
    const [head, ...rows] = await db.batchGet(ctx, graph, [keys.standings(), ...viewers.map(keys.ties)]);
    const versions = new Map(viewers.map((viewerId, i) => [viewerId, tiesIn(rows[i]).version]));
    const known = headIn(head);
    heard(known);
    rounds.add({});
    looks.add({}, aboard.length);
    for (const { viewerId, resolve } of aboard) resolve({ version: versions.get(viewerId), head: known });
  };

  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    while (waiting.length > 0) {
      const aboard = board();
      await read(aboard[0]!.ctx.method, aboard).catch((error: unknown) => {
        for (const { reject } of aboard) reject(error);
      });
    }
    running = false;
  };

  return {
    confirm: (ctx, viewerId) => {
      const confirmed = new Promise<Confirmed>((resolve, reject) => waiting.push({ ctx, viewerId, resolve, reject }));
      void run();
      return whileAlive(ctx, confirmed);
    },
  };
};

const headIn = (row: Item | undefined): Head => ({
  seq: Number(row?.['seq'] ?? 0),
  recent: (row?.['recent'] as string[] | undefined) ?? [],
});
