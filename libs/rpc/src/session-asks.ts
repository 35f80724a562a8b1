import { backgroundContext, isAppError, type Clock, type Context, type Log, type Metrics, type SessionClaim } from '@plaza/core';

import { sessionAsks } from './metrics.ts';

/** Asks whoever keeps the sessions whether one lives, by a strongly consistent read. */
export type AskSession = (ctx: Context, userId: string, session: SessionClaim) => Promise<boolean>;

export interface Answer {
  readonly live: boolean;
  /** When the question was put, in milliseconds of the clock that was handed in. */
  readonly askedAt: number;
}

/** Nobody can be asked: the way is down, or they are silent. */
export const AWAY = 'away';
/** No answer, though somebody may be there: overloaded, failing, or more is asked already than may be. */
export const UNKNOWN = 'unknown';
export type Outcome = Answer | typeof AWAY | typeof UNKNOWN;

/** Whoever waits for an answer passes by it, so it must not be old when it comes: together with its way, below a second. */
const ASK_TIMEOUT_MS = 800;
/** So many silences in a row mean that nobody is there, for so long after the last, and while a question out finds out. */
const FAILURES = 3;
const AWAY_MS = 1_000;
/** Meanwhile, this long after the last failure, one question finds out whether that is still so. */
const PROBE_MS = 400;
/** Questions out at one time. They come before admission, so nothing else bounds them. */
const MOST = 256;

/** Puts one question at a time about each session. Patient: waits for an answer whatever comes. Never rejects. */
export type SessionAsks = (userId: string, session: SessionClaim, options: { patient: boolean }) => Promise<Outcome>;

/**
 * While nobody is there, questions are not put, but for one that finds out: each call would wait in vain. The patient wait for that
 * one, the others for nothing. `learn` is told of every answer, also of those that nobody waits for.
 */
export const createSessionAsks = (options: {
  ask: AskSession;
  learn: (session: SessionClaim, answer: Answer) => void;
  log: Log;
  metrics: Metrics;
  now: Clock;
}): SessionAsks => {
  const { ask, learn, log, now } = options;
  const asked = options.metrics.counter(sessionAsks);
  const flights = new Map<string, Promise<Outcome>>();
  /** Since the last answer; for the log, which tells of the first failure only. */
  let failing = false;
  let failures = 0;
  let failedAt = -Infinity;
  let probe: Promise<Outcome> | undefined;

  const put = async (userId: string, session: SessionClaim): Promise<Outcome> => {
    const askedAt = now();
    try {
      const ctx = backgroundContext({ method: 'session.ask', timeoutMs: ASK_TIMEOUT_MS, log });
      const live = await ask(ctx, userId, session);
      failures = 0;
      failing = false;
      asked.add({ result: live ? 'live' : 'ended' });
      const answer = { live, askedAt };
      learn(session, answer);
      return answer;
    } catch (error) {
      const away = isSilence(error);
      asked.add({ result: away ? 'failed' : 'refused' });
      // Whoever refuses is there.
      failures = away ? failures + 1 : 0;
      if (away) failedAt = now();
      if (!failing) log.warn('session.ask_failed', { reason: isAppError(error) ? error.reason : String(error) });
      failing = true;
      return away ? AWAY : UNKNOWN;
    }
  };

  const isAway = (): boolean => failures >= FAILURES && (probe !== undefined || now() - failedAt < AWAY_MS);
  const mayProbe = (): boolean => probe === undefined && now() - failedAt >= PROBE_MS;

  const begin = (key: string, userId: string, session: SessionClaim): Promise<Outcome> => {
    const begun = put(userId, session).finally(() => {
      flights.delete(key);
      if (probe === begun) probe = undefined;
    });
    flights.set(key, begun);
    if (isAway()) probe = begun;
    return begun;
  };

  return async (userId, session, { patient }) => {
    const key = `${session.id}/${session.epoch}`;
    if (isAway() && !patient) {
      if (mayProbe() && !flights.has(key) && flights.size < MOST) void begin(key, userId, session);
      return AWAY;
    }
    if (isAway() && probe) await probe;
    const flight = flights.get(key);
    if (flight) return flight;
    if (isAway() && !mayProbe()) return AWAY;
    return flights.size < MOST ? begin(key, userId, session) : UNKNOWN;
  };
};

/** CANCELLED is our own timeout too, when its timer is the first to fire. */
const SILENT: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED']);

const isSilence = (error: unknown): boolean => isAppError(error) && SILENT.has(error.code);
