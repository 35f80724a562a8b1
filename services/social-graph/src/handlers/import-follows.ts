import { AppError, assertAlive, backoffMs, isAppError, pause, type Context } from '@plaza/core';

import { NOTHING, planImport, plus } from '../domain/import.ts';
import { eachInFlight } from '../in-flight.ts';
import { toReceipt } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

/** Enough to hide the way to the table; more would only contend for the counts of one follower. */
const IN_FLIGHT = 4;

const MAX_TRIES = 5;

export const importFollows =
  ({ imports, users }: Deps): GraphHandlers['importFollows'] =>
  async (ctx, messages) => {
    // People of an import come up again and again; each is asked for once.
    const known = new Set<string>();
    const learn = async (ids: readonly string[]) => {
      const userIds = [...new Set(ids)].filter((id) => !known.has(id));
      if (userIds.length === 0) return;
      const found = await persist(ctx, () => users.batchGetUsers(ctx, { userIds }));
      for (const { userId } of found.users) known.add(userId);
    };
    let receipt = NOTHING;
    const whole = countPrefix();
    try {
      await eachInFlight(messages, IN_FLIGHT, async (message, index) => {
        await learn([message.followerId, ...message.followeeIds]);
        const written = await imports.add(
          ctx,
          planImport(message, (id) => known.has(id)),
        );
        receipt = plus(receipt, written);
        whole.finish(index);
      });
    } catch (error) {
      throw isAppError(error) ? withReceipt(error, whole.length()) : error;
    }
    return toReceipt(whole.length(), receipt);
  };

/** An import of minutes outlives a moment without its peer: the question changes nothing, so it is asked again. */
const persist = async <T>(ctx: Context, ask: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const passing = isAppError(error) && (error.code === 'UNAVAILABLE' || error.code === 'DEADLINE_EXCEEDED');
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
