import type { RankedSet } from '@plaza/cache';
import { crashPoint, newId, type Clock, type Context } from '@plaza/core';
import { lostRace, requestIdReused, type Db } from '@plaza/dynamo';

import { userNotFound } from '../domain/errors.ts';
import { scored, type Score, type ScoreEvent, type Standing } from '../domain/score.ts';
import { countedFrom, EVENT_ROW, PERSON_ROW, rankedFrom, scoreRows, standingFrom } from './score-rows.ts';
import { keys, read, usersTable } from './table.ts';

export type ScoreStore = ReturnType<typeof createScoreStore>;

/** Each lost race means that another event of this person won it. */
const MAX_TRIES = 20;

/** Scores by board and person, and their order, which is a view. */
export const createScoreStore = ({ db, boards, now }: { db: Db; boards: RankedSet; now: Clock }) => {
  /**
   * Counts the event and answers the score after it; an event that was counted before answers what it did then, and repairs the
   * view, which it may not have reached.
   * @throws NOT_FOUND USER_NOT_FOUND, INVALID_ARGUMENT SCORE_OUT_OF_RANGE or REQUEST_ID_REUSED
   */
  const add = async (ctx: Context, board: string, event: ScoreEvent): Promise<number> => {
    const { eventId, userId, delta } = event;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const at = now();
      const [first, row] = await db.batchGet(ctx, usersTable, [keys.scoreEvent(board, eventId), keys.score(board, userId)]);
      const before = read<Score>(row);
      const counted = countedFrom(first, at);
      if (counted !== undefined) {
        if (counted.userId !== userId || counted.delta !== delta) throw requestIdReused('event_id');
        if (before !== undefined) await boards.put(ctx, board, rankedFrom(before));
        return counted.score;
      }
      const after = scored(before, event, newId());
      const written = await db.transact(ctx, scoreRows(board, event, before, after, at));
      if (written.ok) {
        crashPoint('user.after-score');
        await boards.put(ctx, board, rankedFrom(after));
        return after.score;
      }
      const broken = new Set(written.failed.map(({ index }) => index));
      if (broken.has(PERSON_ROW) && !broken.has(EVENT_ROW)) throw userNotFound();
    }
    throw lostRace();
  };

  /** From the top, the first `from` left out. */
  const top = async (ctx: Context, board: string, range: { from: number; limit: number }): Promise<Standing[]> =>
    (await boards.page(ctx, board, range)).map(standingFrom);

  const find = async (ctx: Context, board: string, userId: string): Promise<Standing | undefined> => {
    const place = await boards.find(ctx, board, userId);
    return place && standingFrom(place);
  };

  return { add, top, find };
};
