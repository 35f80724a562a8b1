import { crashPoint, type Clock, type Context } from '@plaza/core';
import { insert, update, type Db } from '@plaza/dynamo';
import { appliedRow } from '@plaza/events';

import { graph, keys } from './table.ts';

/** One event about follows, as the count of followers takes it. */
export interface Gain {
  readonly durable: string;
  readonly eventId: string;
  /** Each once, at most 45. */
  readonly followeeIds: readonly string[];
  readonly by: 1 | -1;
}

/** A transaction takes no more. */
const MAX_ROWS = 100;

interface Waiting {
  readonly ctx: Context;
  readonly gain: Gain;
  readonly counted: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Counts followers, each event once, however often and in whatever order events come: sums do not mind. Everybody who follows a
 * famous person changes one row, and a transaction each would be a storm of conflicts. So what is delivered while one transaction is
 * under way goes into the next, with one sum a followee.
 */
export const createGainQueue = ({ db, now }: { db: Db; now: Clock }) => {
  const queue = new Map<string, Waiting>();
  const underWay = new Map<string, Waiting>();
  let running = false;

  const run = async () => {
    running = true;
    while (queue.size > 0) {
      const batch = nextBatch(queue);
      for (const [id, waiting] of batch) underWay.set(id, waiting);
      try {
        await write([...batch.values()]);
      } catch (error) {
        for (const { reject } of batch.values()) reject(error);
      }
      for (const id of batch.keys()) underWay.delete(id);
    }
    running = false;
  };

  /** Who was counted by an earlier delivery is taken out, and the rest written again. */
  const write = async (batch: readonly Waiting[]): Promise<void> => {
    let left = batch;
    while (left.length > 0) {
      // The youngest has the most time; who ran out of it is delivered again, and found counted.
      const result = await db.transact(left.at(-1)!.ctx, [
        ...left.map(({ gain }) => insert(graph, appliedRow(gain.durable, gain.eventId, now()))),
        ...sums(left).map(([id, { count, moves }]) => update(graph, keys.followersCount(id), { add: { count, moves } })),
      ]);
      if (result.ok) {
        crashPoint('graph.after-count');
        for (const { resolve } of left) resolve();
        return;
      }
      const counted = new Set(result.failed.map(({ index }) => index));
      for (const [i, { resolve }] of left.entries()) if (counted.has(i)) resolve();
      left = left.filter((_, i) => !counted.has(i));
    }
  };

  return {
    apply: (ctx: Context, gain: Gain): Promise<void> => {
      const id = `${gain.durable}#${gain.eventId}`;
      const same = queue.get(id) ?? underWay.get(id);
      if (same) return same.counted;
      const { promise: counted, resolve, reject } = Promise.withResolvers<void>();
      queue.set(id, { ctx, gain, counted, resolve, reject });
      if (!running) void run();
      return counted;
    },
  };
};

/** Takes the oldest, as many as fit one transaction. */
const nextBatch = (queue: Map<string, Waiting>): Map<string, Waiting> => {
  const batch = new Map<string, Waiting>();
  const followees = new Set<string>();
  for (const [id, waiting] of queue) {
    const more = new Set(waiting.gain.followeeIds).difference(followees);
    if (batch.size > 0 && batch.size + 1 + followees.size + more.size > MAX_ROWS) break;
    for (const followee of more) followees.add(followee);
    batch.set(id, waiting);
    queue.delete(id);
  }
  return batch;
};

/** By followee. A follow and an unfollow add up to nothing, but whoever recounts meanwhile must see that something moved. */
const sums = (batch: readonly Waiting[]): [string, { count: number; moves: number }][] => {
  const all = new Map<string, { count: number; moves: number }>();
  for (const { gain } of batch)
    for (const id of gain.followeeIds) {
      const { count, moves } = all.get(id) ?? { count: 0, moves: 0 };
      all.set(id, { count: count + gain.by, moves: moves + 1 });
    }
  return [...all];
};
