import { AppError, assertAlive, isAppError, withTimeout, type Clock, type Context } from '@plaza/core';

import type { UserClients } from './user.ts';

/** Ids that one BatchGetUsers takes, see its proto. */
const BATCH = 100;
/** How long an answer may be used while the user service is away: nobody is deleted through a service that is away. */
const CONFIRMED_MS = 60_000;
/** A living service answers long before; the wait is the same for every caller, because a short deadline proves nobody away. */
const SILENCE_MS = 500;
/** For how long it is asked: longer, so that a timer that fires early does not cut the silence short. */
const ASK_MS = 550;
/** People remembered for that case, the longest unseen go first: about 8 MB. */
const MOST = 50_000;

export interface Presence {
  /**
   * Those of the ids that are nobody to the public now: deleted, erased, or never there. Asked at every call, so that whoever was
   * deleted before it began is among them; a restored person is back with the next call.
   *
   * A user service that cannot be reached (stopped, refused, connection lost), or that says nothing for half a second (its process
   * stands still, the way is dead), is away: what it said of an id within the last 60 s holds. Stopped, that costs next to nothing;
   * silent, each call waits half a second, well within the 2 s of a read. Whatever a living service answers, be it that it is
   * overloaded, is thrown, and so is the deadline of a caller who has less time than that.
   * @throws AppError UNAVAILABLE PEER_UNAVAILABLE when it is away and an id was not confirmed within the last 60 s
   * @throws AppError DEADLINE_EXCEEDED when the caller's time is over before it has answered or proved silent
   */
  gone(ctx: Context, userIds: readonly string[]): Promise<ReadonlySet<string>>;
}

interface Answer {
  readonly gone: boolean;
  /** When it was asked for, in milliseconds of the clock. */
  readonly at: number;
}

/** @param deps.now monotonic milliseconds: a clock that is set back would stretch the minute */
export const createPresence = (deps: { users: Pick<UserClients['users'], 'batchGetUsers'>; now?: Clock }): Presence => {
  const { users, now = () => performance.now() } = deps;
  // In the order of the last answer, oldest first.
  const answers = new Map<string, Answer>();

  const remember = (userId: string, answer: Answer): void => {
    const known = answers.get(userId);
    // Of two calls that overlap, the one that began later knows better.
    if (known && known.at > answer.at) return;
    answers.delete(userId);
    answers.set(userId, answer);
    if (answers.size > MOST) answers.delete(answers.keys().next().value!);
  };

  const ask = async (ctx: Context, userIds: string[]): Promise<string[]> => {
    const at = now();
    try {
      const { missingIds } = await users.batchGetUsers(withTimeout(ctx, ASK_MS), { userIds });
      const missing = new Set(missingIds);
      for (const userId of userIds) remember(userId, { gone: missing.has(userId), at });
      return missingIds;
    } catch (error) {
      assertAlive(ctx);
      if (!isAway(error, now() - at)) throw error;
      const known = userIds.map((userId) => [userId, answers.get(userId)] as const);
      if (known.some(([, answer]) => answer === undefined || answer.at < now() - CONFIRMED_MS)) throw unconfirmed(error);
      return known.flatMap(([userId, answer]) => (answer?.gone ? [userId] : []));
    }
  };

  return {
    gone: async (ctx, userIds) => {
      const distinct = [...new Set(userIds)];
      const batches = Array.from({ length: Math.ceil(distinct.length / BATCH) }, (_, i) =>
        ask(ctx, distinct.slice(i * BATCH, (i + 1) * BATCH)),
      );
      return new Set((await Promise.all(batches)).flat());
    },
  };
};

/** PEER_UNAVAILABLE is what the way there failed with: no service says it of itself. */
const isAway = (error: unknown, waitedMs: number): boolean =>
  isAppError(error) && (error.reason === 'PEER_UNAVAILABLE' || (OUT_OF_TIME.has(error.code) && waitedMs >= SILENCE_MS));

/** How our own timeout ends a call; which of the two depends on whose timer fires first. */
const OUT_OF_TIME: ReadonlySet<string> = new Set(['DEADLINE_EXCEEDED', 'CANCELLED']);

const unconfirmed = (cause: unknown): AppError =>
  new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'whether these people are still there cannot be asked now; try again', {
    domain: 'plaza',
    cause,
  });
