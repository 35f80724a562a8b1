import { backgroundContext, isAppError, type Clock, type Context, type Log, type Metrics, type SessionClaim } from '@plaza/core';

/** Asks whoever keeps the sessions whether one lives, by a strongly consistent read. */
export type AskSession = (ctx: Context, userId: string, session: SessionClaim) => Promise<boolean>;

export interface Answer {
  readonly live: boolean;
  /** When the question was put, in milliseconds of the clock that was handed in. */
  readonly askedAt: number;
}

/** Whoever waits for an answer passes by it, so it must not be old when it comes: together with its way, below a second. */
const ASK_TIMEOUT_MS = 800;
/** So many failures in a row mean that nobody answers, for so long after the last. */
const FAILURES = 3;
const AWAY_MS = 1_200;
/** Meanwhile, this long after the last failure, one question finds out whether that is still so. */
const PROBE_MS = 400;

/** Puts one question at a time about each session. Undefined: no answer. Never rejects. */
export type SessionAsks = (userId: string, session: SessionClaim, options: { patient: boolean }) => Promise<Answer | undefined>;

/** While nobody answers, questions are not put: each call would wait in vain. The patient ones wait for the one that is. */
export const createSessionAsks = (options: { ask: AskSession; log: Log; metrics: Metrics; now: Clock }): SessionAsks => {
  const { ask, log, now } = options;
  const asked = options.metrics.counter('session_asks_total', 'Questions whether a session lives, by answer', ['result']);
  const flights = new Map<string, Promise<Answer | undefined>>();
  let failures = 0;
  let failedAt = -Infinity;
  let probe: Promise<unknown> | undefined;

  const put = async (userId: string, session: SessionClaim): Promise<Answer | undefined> => {
    const askedAt = now();
    try {
      const ctx = backgroundContext({ method: 'session.ask', timeoutMs: ASK_TIMEOUT_MS, log });
      const live = await ask(ctx, userId, session);
      failures = 0;
      asked.add({ result: live ? 'live' : 'ended' });
      return { live, askedAt };
    } catch (error) {
      failures++;
      failedAt = now();
      asked.add({ result: 'failed' });
      if (failures === 1) log.warn('session.ask_failed', { reason: isAppError(error) ? error.reason : String(error) });
      return undefined;
    }
  };

  const isAway = (): boolean => failures >= FAILURES && now() - failedAt < AWAY_MS;

  const begin = (key: string, userId: string, session: SessionClaim): Promise<Answer | undefined> => {
    const probing = isAway();
    const begun = put(userId, session).finally(() => {
      flights.delete(key);
      if (probing) probe = undefined;
    });
    flights.set(key, begun);
    if (probing) probe = begun;
    return begun;
  };

  return async (userId, session, { patient }) => {
    if (patient && isAway() && probe) await probe;
    const key = `${session.id}/${session.epoch}`;
    const flight = flights.get(key);
    if (flight) return flight;
    if (isAway() && (probe || now() - failedAt < PROBE_MS)) return undefined;
    return begin(key, userId, session);
  };
};
