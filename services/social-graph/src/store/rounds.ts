import { whileAlive } from '@plaza/cache';
import { AppError, backgroundContext, isAppError, type Context, type Metrics } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import { sightLooks, sightRounds } from '../metrics.ts';
import { graph, keys } from './table.ts';
import { tiesIn } from './tie-rows.ts';

/** One request to the table takes 100 keys; one of them is the head of standings. */
const VIEWERS = 99;
/** A fifth of what a check may take: clients try four times. */
const ROUND_MS = 400;

/** How often anybody's standing has changed, and whose the last changes were, the latest last. */
export interface Head {
  readonly seq: number;
  readonly recent: readonly string[];
}

/** As the table had it at some moment after it was asked for. */
export interface Confirmed {
  /** Of the viewer's ties; 0: there is none, and never was. */
  readonly version: number;
  readonly head: Head;
}

export interface Rounds {
  /**
   * `take` looks at what is remembered in the same turn in which the table's answer came, before a later one can change it.
   * @throws AppError UNAVAILABLE STORE_UNAVAILABLE
   */
  confirm<T>(ctx: Context, viewerId: string, take: (confirmed: Confirmed) => T): Promise<T>;
}

interface Waiter {
  readonly method: string;
  readonly viewerId: string;
  readonly take: (confirmed: Confirmed) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Whatever is remembered counts only if it is of the versions that the table has now. One strongly consistent read of those serves
 * all who asked before it began; who comes while it is under way waits for the next one, because it may have read before they came.
 * `heard` is called once a round, in the order of the rounds, before anybody of it goes on.
 */
export const createRounds = (deps: { db: Db; metrics: Metrics; heard: (head: Head) => void }): Rounds => {
  const { db, heard } = deps;
  const rounds = deps.metrics.counter(sightRounds);
  const looks = deps.metrics.counter(sightLooks);
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

  const read = async (aboard: readonly Waiter[]): Promise<void> => {
    // Nobody's own time: who leaves must not take the others along.
    const ctx = backgroundContext({ method: aboard[0]!.method, timeoutMs: ROUND_MS });
    const viewers = [...new Set(aboard.flatMap(({ viewerId }) => (viewerId === '' ? [] : [viewerId])))];
    const [row, ...rows] = await db.batchGet(ctx, graph, [keys.standings(), ...viewers.map(keys.ties)]);
    const versions = new Map(viewers.map((viewerId, i) => [viewerId, tiesIn(rows[i]).version]));
    const head = headIn(row);
    heard(head);
    rounds.add({});
    looks.add({}, aboard.length);
    for (const { viewerId, take } of aboard) take({ version: versions.get(viewerId) ?? 0, head });
  };

  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    while (waiting.length > 0) {
      const aboard = board();
      await read(aboard).catch((error: unknown) => {
        for (const { fail } of aboard) fail(unverified(error));
      });
    }
    running = false;
  };

  return {
    confirm: (ctx, viewerId, take) => {
      const taken = new Promise<ReturnType<typeof take>>((resolve, reject) => {
        waiting.push({ method: ctx.method, viewerId, take: (confirmed) => resolve(take(confirmed)), fail: reject });
      });
      void run();
      return whileAlive(ctx, taken);
    },
  };
};

/** That the time of what is shared ran out does not mean that the caller's did. A defect stays one. */
export const unverified = (cause?: unknown): unknown =>
  cause === undefined || isAppError(cause)
    ? new AppError('UNAVAILABLE', 'STORE_UNAVAILABLE', 'who may see whom cannot be verified now', { domain: 'plaza', cause })
    : cause;

const headIn = (row: Item | undefined): Head => ({
  seq: Number(row?.['seq'] ?? 0),
  recent: (row?.['recent'] as string[] | undefined) ?? [],
});
