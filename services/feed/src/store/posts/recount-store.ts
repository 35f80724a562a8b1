import { createHash } from 'node:crypto';

import type { Context, Mutation } from '@plaza/core';
import { absent, check, eq, lacks, lostRace, once, requestRow, update, type Condition, type Db, type Item } from '@plaza/dynamo';

import type { Counts } from '../../domain/posts/look.ts';
import { keys, postsTable, shardsOf, type SpreadList } from '../table.ts';

/** What can be counted anew, and where. Views are told once and kept nowhere. */
const LISTS = { likes: 'LIKES', reposts: 'REPOSTS', replies: 'REPLIES' } as const satisfies Partial<
  Record<keyof Counts, SpreadList>
>;
const RECOUNTED = Object.keys(LISTS) as (keyof typeof LISTS)[];
const CHUNK = 1_000;

type Numbers = { readonly [K in keyof Counts]: number };

/** The lists of a post as they were found, and its counts as they were stored before that. */
export interface ListsLook {
  readonly isStored: boolean;
  readonly stored: Numbers;
  /** Grows with each event that is counted; undefined if there is none yet. */
  readonly moves: number | undefined;
  readonly found: { readonly [K in keyof typeof LISTS]: number };
  /** Differs if anything began or ended, even if another made up for it. */
  readonly digest: string;
}

/** What was stored, and what is now; `moving`: it was left as it was, because something moved. */
export type CountsRepair = { readonly before: Numbers; readonly after: Numbers; readonly moving: boolean };

export type RecountStore = ReturnType<typeof createRecountStore>;

export const createRecountStore = ({ db }: { db: Db }) => {
  /** How many rows a list has, each of which is told. */
  const count = async (ctx: Context, list: SpreadList, postId: string, tell: (sk: string) => void): Promise<number> => {
    let rows = 0;
    for (const pk of shardsOf(list, postId))
      for (let after: Item | undefined, more = true; more;) {
        const page = await db.query(ctx, postsTable, { pk, limit: CHUNK, after });
        rows += page.items.length;
        for (const { sk } of page.items) tell(sk);
        after = page.after;
        more = after !== undefined;
      }
    return rows;
  };

  return {
    async look(ctx: Context, postId: string): Promise<ListsLook> {
      const row = await db.get(ctx, postsTable, keys.counts(postId));
      const digests = await Promise.all(
        RECOUNTED.map(async (name) => {
          const digest = createHash('sha256');
          const rows = await count(ctx, LISTS[name], postId, (sk) => digest.update(sk));
          return { name, rows, digest: digest.digest('base64url') };
        }),
      );
      const [likes = 0, reposts = 0, replies = 0] = digests.map(({ rows }) => rows);
      return {
        isStored: row !== undefined,
        stored: numbersIn(row),
        moves: row?.['moves'] === undefined ? undefined : Number(row['moves']),
        found: { likes, reposts, replies },
        digest: digests.map(({ digest }) => digest).join(' '),
      };
    },

    /** Stores what was found, unless anything was counted since the look began. `still`: nothing moved before that either. */
    correct: (ctx: Context, mutation: Mutation, postId: string, look: ListsLook, still: boolean): Promise<CountsRepair> =>
      once(ctx, db, postsTable, mutation, async () => {
        const { stored, found } = look;
        if (still) {
          const repair = { before: stored, after: { ...stored, ...found }, moving: false };
          const key = keys.counts(postId);
          const isRight = RECOUNTED.every((name) => stored[name] === found[name]);
          const result = await db.transact(ctx, [
            isRight
              ? check(postsTable, key, unmoved(look))
              : update(postsTable, key, { set: found, add: { moves: 1 } }, unmoved(look)),
            requestRow(postsTable, mutation, repair),
          ]);
          if (result.ok) return repair;
          if (result.failed.some(({ index }) => index === 1)) throw lostRace();
        }
        const repair = { before: stored, after: stored, moving: true };
        const written = await db.write(ctx, requestRow(postsTable, mutation, repair));
        if (!written.ok) throw lostRace();
        return repair;
      }),
  };
};

/** As they are stored, below zero too. */
const numbersIn = (row: Item | undefined): Numbers => ({
  likes: Number(row?.['likes'] ?? 0),
  reposts: Number(row?.['reposts'] ?? 0),
  replies: Number(row?.['replies'] ?? 0),
  views: Number(row?.['views'] ?? 0),
});

const unmoved = ({ isStored, moves }: ListsLook): Condition => {
  if (!isStored) return absent();
  return moves === undefined ? lacks('moves') : eq('moves', moves);
};
