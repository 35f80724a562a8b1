import { AppError, assertAlive, isAppError, remainingMs, withTimeout, type Clock, type Context } from '@plaza/core';

import type { UserClients } from './user.ts';

/** Ids that one BatchGetUsers takes, see its proto. */
const BATCH = 100;
/** How long an answer may be used while the user service cannot be asked: nobody is deleted through a service that is away. */
const CONFIRMED_MS = 60_000;
/** People remembered for that case, the longest unseen go first: about 8 MB. */
const MOST = 50_000;

/** Failures that say nothing about the people asked for. */
const AWAY: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'CANCELLED']);

export interface Presence {
  /**
   * Those of the ids that are nobody to the public now: deleted, erased, or never there. Asked at every call, so that whoever was
   * deleted before it began is among them; a restored person is back with the next call.
   * @throws AppError UNAVAILABLE PEER_UNAVAILABLE when it cannot be asked and an id was not confirmed within the last 60 s
   */
  gone(ctx: Context, userIds: readonly string[]): Promise<ReadonlySet<string>>;
}

interface Answer {
  readonly gone: boolean;
  /** When it was asked for, in epoch milliseconds. */
  readonly at: number;
}

export const createPresence = (deps: { users: Pick<UserClients['users'], 'batchGetUsers'>; now: Clock }): Presence => {
  const { users, now } = deps;
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
      // Half of the time is kept for what is done with the answer, or without one.
      const { missingIds } = await users.batchGetUsers(withTimeout(ctx, Math.floor(remainingMs(ctx) / 2)), { userIds });
      const missing = new Set(missingIds);
      for (const userId of userIds) remember(userId, { gone: missing.has(userId), at });
      return missingIds;
    } catch (error) {
      assertAlive(ctx);
      if (!isAppError(error) || !AWAY.has(error.code)) throw error;
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

const unconfirmed = (cause: unknown): AppError =>
  new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'whether these people are still there cannot be asked now; try again', {
    domain: 'plaza',
    cause,
  });
