import { bucketAt, bucketOverAt, bucketsOf, TRENDING_WINDOWS, type Context, type TrendingWindow } from '@plaza/core';

import type { Db } from './db.ts';
import type { Key } from './item.ts';
import { shardOf } from './shard.ts';
import type { Table } from './table.ts';
import type { Addition } from './tally.ts';

/** Partitions of one bucket: all that is counted at one time is written there. */
const SHARDS = 4;
/** Partitions read at a time. */
const IN_FLIGHT = 4;

/** Points that ids got, by windows and spans of time: rows `<prefix>#<window>#<bucket>#<shard> / id` {points}, which expire. */
export interface Buckets {
  readonly table: Table;
  /** Theirs alone within the table. */
  readonly prefix: string;
}

/** What points that an id gets at a time, in epoch milliseconds, add to: a row a window. */
export const bucketAdditions = (buckets: Buckets, id: string, at: number, points: number): Addition[] =>
  TRENDING_WINDOWS.map((window) => {
    const bucket = bucketAt(window, at);
    return {
      key: bucketKey(buckets, window, bucket, id),
      add: { points },
      set: { expiresAt: Math.ceil(bucketOverAt(window, bucket) / 1000) },
    };
  });

/**
 * Adds up what a slot's ranking counts, by strongly consistent reads, which takes a hundred queries. `worth` weighs the points of a
 * bucket by its age at the slot; whole numbers, so that whoever adds up the same gets the same.
 */
export const createBucketSums =
  ({
    db,
    buckets,
    worth = (points) => points,
  }: {
    db: Pick<Db, 'query'>;
    buckets: Buckets;
    worth?: (points: number, ageMs: number, window: TrendingWindow) => number;
  }) =>
  async (ctx: Context, window: TrendingWindow, slot: number): Promise<Map<string, number>> => {
    const partitions = bucketsOf(window, slot).flatMap((bucket) =>
      shardsIn(buckets, window, bucket).map((pk) => ({ pk, ageMs: slot - bucket })),
    );
    const sums = new Map<string, number>();
    const lane = async () => {
      for (let next = partitions.pop(); next !== undefined; next = partitions.pop()) {
        const { pk, ageMs } = next;
        const { items } = await db.query(ctx, buckets.table, { pk });
        for (const { sk, points } of items) sums.set(sk, (sums.get(sk) ?? 0) + worth(Number(points), ageMs, window));
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    return sums;
  };

const bucketKey = (buckets: Buckets, window: TrendingWindow, bucket: number, id: string): Key => ({
  pk: shardsIn(buckets, window, bucket)[shardOf(id, SHARDS)]!,
  sk: id,
});

const shardsIn = ({ prefix }: Buckets, window: TrendingWindow, bucket: number): string[] =>
  Array.from({ length: SHARDS }, (_, shard) => `${prefix}#${window}#${bucket}#${shard}`);
