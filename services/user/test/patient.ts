import { backoffMs, isAppError, pause, remainingMs, type Context } from '@plaza/core';

const UNDECIDED: readonly string[] = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'ABORTED', 'RESOURCE_EXHAUSTED'];
/** Refusals for good, whatever their code: the same request will not do, or not in a test's time. */
const REFUSALS: readonly string[] = ['ETAG_MISMATCH', 'RATE_LIMITED'];

/**
 * Clients that repeat a call, with its request id, until it is definitely done or refused or their context ends: what
 * clients do, and what a slow machine asks of tests whose methods have budgets of half a second.
 */
export const patient = <C extends object>(client: C): C =>
  Object.fromEntries(
    Object.entries(client).map(([name, call]) => [
      name,
      (ctx: Context, request: unknown) => definitely(ctx, () => (call as Call)(ctx, request)),
    ]),
  ) as C;

type Call = (ctx: Context, request: unknown) => Promise<unknown>;

const definitely = async (ctx: Context, call: () => Promise<unknown>): Promise<unknown> => {
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      const undecided = isAppError(error) && UNDECIDED.includes(error.code) && !REFUSALS.includes(error.reason);
      if (!undecided || remainingMs(ctx) < 100) throw error;
    }
    await pause(backoffMs(tries, 20, 200), ctx.signal);
  }
};
