import { assertAlive, type Clock, type Context } from '@plaza/core';
import { lostRace, type Db, type Item, type Key, type WriteOp } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import type { Step } from '../domain/tie.ts';
import { draft, type Ties } from './draft.ts';
import { graph, keys } from './table.ts';
import { tiesIn } from './tie-rows.ts';

const MAX_TRIES = 20;

/** One tie of one person with many others. */
export interface Many {
  readonly userId: string;
  readonly otherIds: readonly string[];
  /** Of one transaction. */
  readonly size: number;
  /** The row by which the tie with one of them is looked up. */
  readonly tie: (otherId: string) => Key;
  /** What is to be done to a tie that is there. */
  readonly steps: (other: Ties, row: Item) => readonly Step[];
  /** What is written beside so many ties. */
  readonly beside?: (changed: number) => readonly WriteOp[];
}

export type ManyTies = ReturnType<typeof createManyTies>;

/** Changes the ties of one person with many others, as many at once as a transaction holds. Answers how many there were. */
export const createManyTies = (options: { db: Db; relay: Pick<Relay, 'nudge'>; now: Clock; committed?: () => void }) => {
  const { db, relay, now, committed } = options;

  /** All of these or none; undefined when somebody else changed one of them meanwhile. */
  const attempt = async (ctx: Context, many: Many, otherIds: readonly string[]): Promise<number | undefined> => {
    assertAlive(ctx);
    const ids = [many.userId, ...otherIds];
    // The versions first, as in tie-store.ts.
    const ties = await db.batchGet(ctx, graph, ids.map(keys.ties));
    const people = ids.map((userId, i): Ties => ({ userId, ...tiesIn(ties[i]) }));
    const rows = await db.batchGet(ctx, graph, otherIds.map(many.tie));
    const steps = rows.map((row, i) => (row ? many.steps(people[i + 1]!, row) : []));
    const changed = steps.filter(({ length }) => length > 0).length;
    if (changed === 0) return 0;
    const { ops, events } = draft(people, steps.flat(), { at: now(), trace: ctx.trace });
    const { ok } = await db.transact(ctx, [...ops, ...(many.beside?.(changed) ?? [])]);
    if (!ok) return undefined;
    committed?.();
    relay.nudge(events);
    return changed;
  };

  /** The others go on with their own ties meanwhile: one at a time, nobody else's race matters. */
  const alone = async (ctx: Context, many: Many, otherId: string): Promise<number> => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const changed = await attempt(ctx, many, [otherId]);
      if (changed !== undefined) return changed;
    }
    throw lostRace();
  };

  return async (ctx: Context, many: Many): Promise<number> => {
    const { otherIds, size } = many;
    let sum = 0;
    for (let first = 0; first < otherIds.length; first += size) {
      const some = otherIds.slice(first, first + size);
      const changed = await attempt(ctx, many, some);
      if (changed !== undefined) sum += changed;
      else for (const otherId of some) sum += await alone(ctx, many, otherId);
    }
    return sum;
  };
};
