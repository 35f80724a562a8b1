import type { Ranked, Standing as Place } from '@plaza/cache';
import type { Context } from '@plaza/core';
import { absent, any, check, eq, insert, lt, put, ttl, type Db, type Item, type WriteOp } from '@plaza/dynamo';

import type { Score, ScoreEvent, Standing } from '../domain/score.ts';
import { boardShards, keys, read, usersTable } from './table.ts';
import { isActive } from './user-rows.ts';

/** An event that was counted, and the score that it led to. */
export type Counted = Pick<ScoreEvent, 'userId' | 'delta'> & { readonly score: number };

/** Places among `scoreRows`, by which a refusal gets its name. */
export const EVENT_ROW = 0;
export const PERSON_ROW = 1;

const KEPT_SECONDS = 30 * 24 * 3600;

/** Bound to the version that was read, since the event's row keeps the score after it. */
export const scoreRows = (board: string, event: ScoreEvent, before: Score | undefined, after: Score, at: number): WriteOp[] => {
  const { eventId, userId, delta } = event;
  const row = { ...keys.score(board, userId), ...after };
  const counted: Counted = { userId, delta, score: after.score };
  return [
    // The table's TTL deletes late: a row whose time is over is none.
    put(
      usersTable,
      { ...keys.scoreEvent(board, eventId), ...counted, expiresAt: ttl(at, KEPT_SECONDS) },
      any(absent(), lt('expiresAt', ttl(at, 0))),
    ),
    check(usersTable, keys.profile(userId), isActive()),
    before === undefined ? insert(usersTable, row) : put(usersTable, row, eq('version', before.version)),
  ];
};

export const countedFrom = (item: Item | undefined, at: number): Counted | undefined =>
  item && Number(item['expiresAt']) >= ttl(at, 0) ? read<Counted>(item) : undefined;

export const rankedFrom = ({ userId, score, reachedId, version }: Score): Ranked => ({
  id: userId,
  score,
  since: reachedId,
  version,
});

export const standingFrom = ({ id, score, since, rank }: Place): Standing => ({ userId: id, score, reachedId: since, rank });

const PAGE = 2000;

/** All rows of a board, strongly consistent. */
export const scoresOf = (db: Db) =>
  async function* (ctx: Context, board: string): AsyncIterable<Ranked[]> {
    for (const pk of boardShards(board)) {
      let after: Item | undefined;
      do {
        const page = await db.query(ctx, usersTable, { pk, limit: PAGE, after });
        yield page.items.map((item) => rankedFrom(read<Score>(item)!));
        after = page.after;
      } while (after);
    }
  };
