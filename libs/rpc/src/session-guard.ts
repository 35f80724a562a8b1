import { AppError, type Caller, type Clock, type Log, type Metrics, type SessionClaim } from '@plaza/core';
import { LRUCache } from 'lru-cache';

import { sessionRefusals } from './metrics.ts';
import { AWAY, createSessionAsks, UNKNOWN, type AskSession } from './session-asks.ts';

/** Hears of ended sessions; libs/events has one. Times are monotonic milliseconds, as the guard's. */
export interface SessionWatch {
  /** Since when no end of a session can have been missed; undefined while one may have been. */
  sureSince(): number | undefined;
  /** Until when the end of a session that lived at that time would have been heard of; at least that time itself. */
  sureUntil(at: number): number;
  /** Whether the session's end was heard of. */
  hasEnded(userId: string, session: SessionClaim): boolean;
}

export interface SessionGuard {
  /**
   * Lets pass whose session lives, or whose token belongs to none. Undefined: passes by what is known here.
   * @throws AppError UNAUTHENTICATED SESSION_REVOKED, UNAVAILABLE SESSION_UNCONFIRMED; at once or by the promise
   */
  check(caller: Caller): Promise<void> | undefined;
}

/** An answer is good for so long while ends may be missed. */
const FRESH_MS = 400;
/** Who was confirmed so recently passes while nobody is there to ask: no session can be ended then either, as far as is known here. */
const GRACE_MS = 60_000;

interface Known {
  readonly epoch: number;
  readonly live: boolean;
  /** When it was asked: what the answer says held then or later. */
  readonly askedAt: number;
}

/**
 * Stops access tokens whose session has ended. A session is asked about once; from then on its end is heard of, as long as the
 * watch is sure to miss none. So on the warm path there is neither I/O nor a promise, and whatever makes the watch unsure makes
 * the guard ask.
 */
export const createSessionGuard = (options: {
  watch: SessionWatch;
  ask: AskSession;
  log: Log;
  metrics: Metrics;
  now?: Clock;
}): SessionGuard => {
  const { watch, now = () => performance.now() } = options;
  const refusals = options.metrics.counter(sessionRefusals);
  const known = new LRUCache<string, Known>({ max: 50_000 });
  const ask = createSessionAsks({
    ...options,
    now,
    learn: ({ id, epoch }, answer) => known.set(id, { epoch, ...answer }),
  });

  const refuse = (error: AppError): AppError => {
    refusals.add({ reason: error.reason });
    return error;
  };

  const find = ({ id, epoch }: SessionClaim): Known | undefined => {
    const found = known.get(id);
    return found?.epoch === epoch ? found : undefined;
  };

  const isConfirmed = ({ askedAt }: Known): boolean => {
    const since = watch.sureSince();
    return (since !== undefined && askedAt >= since) || now() - askedAt < FRESH_MS;
  };

  const isGraced = (session: SessionClaim): boolean => {
    const latest = find(session);
    return latest !== undefined && latest.live && now() - watch.sureUntil(latest.askedAt) < GRACE_MS;
  };

  const askNow = async (userId: string, session: SessionClaim): Promise<void> => {
    const outcome = await ask(userId, session, { patient: !isGraced(session) });
    const isOver = typeof outcome === 'object' ? !outcome.live : find(session)?.live === false;
    // Its end may have been heard of while the answer was under way.
    if (isOver || watch.hasEnded(userId, session)) throw refuse(sessionRevoked());
    if (outcome === UNKNOWN || (outcome === AWAY && !isGraced(session))) throw refuse(sessionUnconfirmed());
  };

  return {
    check(caller) {
      if (caller.kind !== 'user' || caller.session === undefined) return undefined;
      const { userId, session } = caller;
      const latest = find(session);
      if (latest?.live === false || watch.hasEnded(userId, session)) throw refuse(sessionRevoked());
      return latest && isConfirmed(latest) ? undefined : askNow(userId, session);
    },
  };
};

const sessionRevoked = (): AppError =>
  new AppError('UNAUTHENTICATED', 'SESSION_REVOKED', 'the session of the token was ended; sign in again', { domain: 'plaza' });

const sessionUnconfirmed = (): AppError =>
  new AppError('UNAVAILABLE', 'SESSION_UNCONFIRMED', 'whether the session of the token lives cannot be told now', {
    domain: 'plaza',
    retryAfterMs: FRESH_MS,
  });
