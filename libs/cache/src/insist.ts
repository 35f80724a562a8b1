import { pause, type Context } from '@plaza/core';

/**
 * How long the answer to a change waits for Redis to take it, and how often it asks: one slow command is no outage, and what
 * Redis still holds is what other processes show.
 */
const INSIST_MS = 500;
const RETRY_MS = 40;

/**
 * Repeats a cache's `put` or `bury` until Redis has taken it, for at most `forMs` and the caller's time. Beyond that the write is
 * owed, and Redis holds what was before until it can be paid. Never throws.
 */
export const insist = async (ctx: Context, write: () => Promise<boolean>, forMs: number = INSIST_MS): Promise<void> => {
  const until = Math.min(Date.now() + forMs, ctx.deadline);
  while (!(await write()) && Date.now() < until && !ctx.signal.aborted) await pause(RETRY_MS, ctx.signal);
};
