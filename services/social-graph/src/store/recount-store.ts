import { createHash } from 'node:crypto';

import type { Context } from '@plaza/core';
import { absent, eq, lacks, update, type Condition, type Db } from '@plaza/dynamo';

import type { ListStore } from './list-store.ts';
import { graph, keys, tiesOf } from './table.ts';
import { tiesIn } from './tie-rows.ts';

/** Of a person who follows all the time. */
const MAX_TRIES = 5;
const CHUNK = 1_000;

/** The followers of a person as they were found, and the count as it was stored before that. */
export interface FollowersLook {
  readonly stored: number;
  /** Of the count: grows with each event that is counted; undefined if there is none yet. */
  readonly moves: number | undefined;
  readonly isStored: boolean;
  readonly rows: number;
  /** Differs if any follow began or ended, even if another made up for it. */
  readonly digest: string;
}

export type RecountStore = ReturnType<typeof createRecountStore>;

export const createRecountStore = ({ db, lists }: { db: Db; lists: ListStore }) => ({
  async lookAtFollowers(ctx: Context, userId: string): Promise<FollowersLook> {
    const row = await db.get(ctx, graph, keys.followersCount(userId));
    const digest = createHash('sha256');
    let rows = 0;
    for await (const chunk of lists.oldest(ctx, 'FR', userId, { size: CHUNK, after: undefined }))
      for (const { place } of chunk) {
        digest.update(place);
        rows++;
      }
    const moves = row?.['moves'];
    return {
      stored: Number(row?.['count'] ?? 0),
      moves: moves === undefined ? undefined : Number(moves),
      isStored: row !== undefined,
      rows,
      digest: digest.digest('base64url'),
    };
  },

  /** Stores what was found, unless anything was counted since the look began. Answers whether it is stored now. */
  async correctFollowers(ctx: Context, userId: string, { stored, rows, ...look }: FollowersLook): Promise<boolean> {
    if (stored === rows) return true;
    const { ok } = await db.transact(ctx, [
      update(graph, keys.followersCount(userId), { set: { count: rows }, add: { moves: 1 } }, unmoved(look)),
    ]);
    return ok;
  },

  /** Counts whom a person follows, under the version of the ties. Answers what was stored before and is now, and whether that is right. */
  async repairFollowing(ctx: Context, userId: string): Promise<{ before: number; after: number; exact: boolean }> {
    for (let tries = 1; ; tries++) {
      const { version, following } = tiesIn(await db.get(ctx, graph, keys.ties(userId)));
      const rows = await db.count(ctx, graph, { pk: tiesOf('FO', userId) });
      if (rows === following || version === undefined) return { before: following, after: following, exact: rows === following };
      const { ok } = await db.transact(ctx, [
        update(graph, keys.ties(userId), { set: { following: rows } }, eq('version', version)),
      ]);
      if (ok) return { before: following, after: rows, exact: true };
      if (tries === MAX_TRIES) return { before: following, after: following, exact: false };
    }
  },
});

const unmoved = ({ isStored, moves }: Pick<FollowersLook, 'isStored' | 'moves'>): Condition => {
  if (!isStored) return absent();
  return moves === undefined ? lacks('moves') : eq('moves', moves);
};
