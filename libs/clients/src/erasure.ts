import { AppError, assertAlive, pause, type Clock, type Context } from '@plaza/core';
import type { UserErasureRequested } from '@plaza/proto/plaza/user/v1/events';

import type { UserClients } from './user.ts';

/** What a service erased of a person, for the receipt. */
export interface Erased {
  /** Kind → how many, over all tries: `{ posts: 12 }`. */
  readonly erased: Readonly<Record<string, number>>;
  /** What stays, and why. */
  readonly kept: readonly string[];
}

/** Hands in the receipt. The first one of a service stands. */
export type Report = (ctx: Context, userId: string, receipt: Erased) => Promise<void>;

/** Reports to the user service. */
export const reportTo =
  (users: Pick<UserClients['users'], 'reportErasure'>): Report =>
  async (ctx, userId, { erased, kept }) => {
    const counts = Object.entries(erased).map(([kind, count]) => ({ kind, count: BigInt(count) }));
    await users.reportErasure(ctx, { userId, erased: counts, kept });
  };

/** How long one try of an eraser may take, in milliseconds; what it has not reached is left to the next try. */
export const ERASE_MS = 120_000;

/**
 * The longest budget of a person's call, and some: what was admitted before the deletion has ended by then and cannot write
 * behind the eraser.
 */
const GRACE_MS = 12_000;

/**
 * Makes the consumer of UserErasureRequested: waits until nothing of the person can be under way, erases, reports. `erase` must
 * bear repetition: it goes on where an earlier try broke off, and once it has finished it only answers what it did then.
 */
export const erasureHandler =
  (deps: {
    erase: (ctx: Context, userId: string) => Promise<Erased>;
    report: Report;
    now: Clock;
  }): ((ctx: Context, event: UserErasureRequested, meta: { readonly stopping: AbortSignal }) => Promise<void>) =>
  async (ctx, { userId, deleteTime }, { stopping }) => {
    const at = deps.now();
    const wait = (deleteTime?.getTime() ?? at) + GRACE_MS - at;
    if (wait > 0) {
      await pause(wait, AbortSignal.any([ctx.signal, stopping]));
      // Another process may wait as well.
      if (stopping.aborted) throw new AppError('CANCELLED', 'CALL_CANCELLED', 'the process stops');
    }
    assertAlive(ctx);
    await deps.report(ctx, userId, await deps.erase(ctx, userId));
  };
