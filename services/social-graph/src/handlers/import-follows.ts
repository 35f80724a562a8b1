import { AppError, assertAlive, backoffMs, isAppError, pause, withTimeout, type Context } from '@plaza/core';

import { NOTHING, planImport, plus } from '../domain/import.ts';
import { eachInFlight } from '../in-flight.ts';
import { toReceipt } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

/** Enough to hide the way to the table; more would only contend for the counts of one follower. */
const IN_FLIGHT = 4;

const MAX_TRIES = 5;

/** How long nobody is asked for again. */
const KNOWN_MS = 5_000;
/**
 * From the question who exists to the last moment of the write: an import takes minutes, and an edge of somebody deleted must
 * not be written after that person's edges were erased, which begins 12 s after the deletion.
 */
const ASKED_MS = 10_000;
const WRITE_MS = 5_000;

export const importFollows =
  ({ imports, users }: Deps): GraphHandlers['importFollows'] =>
  async (ctx, messages) => {
    // People of an import come up again and again; each is asked for once in a while.
    const known = new Map<string, number>();
    /** When the oldest answer was asked for that is known of these people now. */
    const learn = async (ids: readonly string[]): Promise<number> => {
      const asOf = Date.now();
      const userIds = [...new Set(ids)].filter((id) => (known.get(id) ?? 0) < asOf - KNOWN_MS);
      if (userIds.length > 0) {
        const found = await users.batchGetUsers(ctx, { userIds });
        for (const { userId } of found.users) known.set(userId, asOf);
        for (const userId of found.missingIds) known.delete(userId);
      }
      return Math.min(asOf, ...ids.flatMap((id) => known.get(id) ?? []));
    };
    let receipt = NOTHING;
    const whole = countPrefix();
    try {
      await eachInFlight(messages, IN_FLIGHT, async (message, index) => {
        const written = await persist(ctx, async () => {
          const asked = await learn([message.followerId, ...message.followeeIds]);
          const plan = planImport(message, (id) => known.has(id));
          // Out of time, it asks anew.
          return imports.add(withTimeout(ctx, Math.min(WRITE_MS, asked + ASKED_MS - Date.now())), plan);
        });
        receipt = plus(receipt, written);
        whole.finish(index);
      });
    } catch (error) {
      throw isAppError(error) ? withReceipt(error, whole.length()) : error;
    }
    return toReceipt(whole.length(), receipt);
  };

/**
 * An import of minutes outlives a moment without its peer or its table. A message that was written behind a lost reply changes
 * nothing the second time; the receipt then calls its edges unchanged.
 */
const persist = async <T>(ctx: Context, work: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const passing = isAppError(error) && ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'ABORTED'].includes(error.code);
      if (!passing || tries === MAX_TRIES) throw error;
      await pause(backoffMs(tries, 100, 2_000), ctx.signal);
      assertAlive(ctx);
    }
  }
};

/** A broken import says how many messages from the first on are written, so that the caller need not begin anew. */
const withReceipt = ({ code, reason, message, details }: AppError, messages: number): AppError =>
  new AppError(code, reason, message, { ...details, metadata: { ...details.metadata, messages: String(messages) } });

/** Messages finish in any order; the caller wants to know up to where all are. */
const countPrefix = () => {
  const ahead = new Set<number>();
  let length = 0;
  return {
    finish: (index: number) => {
      ahead.add(index);
      while (ahead.delete(length)) length++;
    },
    length: () => length,
  };
};
