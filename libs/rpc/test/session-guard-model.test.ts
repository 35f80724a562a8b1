import { AppError, isAppError, noMetrics, silentLog, type Caller } from '@plaza/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createSessionGuard } from '../src/index.ts';

/** A session ended this long ago passes nowhere, as long as the user service answers. */
const PROMISE_MS = 1_000;
/** How long an end may be on its way while the watch is sure. */
const HEARD_MS = 990;
/** Also if it does not; the rest is for an end that was on its way when the last beat was heard. */
const WITHOUT_ANSWERS_MS = 60_000 + HEARD_MS;
const ASK_TIMEOUT_MS = 800;
const SESSIONS = 2;

type Step =
  /** Of two steps at one time the earlier one is first. */
  | { do: 'pass'; ms: number }
  | { do: 'call'; session: number }
  /** Ends the session; if that has happened, another one takes its place. `heardMs`: when the news arrives, if the watch is sure until then. Undefined: it is lost, and so are the beats behind it. */
  | { do: 'end'; session: number; heardMs: number | undefined }
  | { do: 'lose' }
  | { do: 'regain' }
  /** What the user service does from now on; `readAt` is when in the time of a question the table is read, in percent. Refusing is no silence: nobody may pass by it. */
  | { do: 'answers'; takeMs: number; readAt: number; fails: Failure };

type Failure = 'UNAVAILABLE' | 'RESOURCE_EXHAUSTED' | undefined;

const session = fc.nat(SESSIONS - 1);
const rarely = fc.constantFrom<Failure>(
  ...Array<undefined>(6).fill(undefined),
  'UNAVAILABLE',
  'UNAVAILABLE',
  'RESOURCE_EXHAUSTED',
);
const some = <T extends Step['do']>(it: T) => fc.constant(it);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: some('pass'), ms: fc.nat(150) }) },
  { weight: 3, arbitrary: fc.record({ do: some('pass'), ms: fc.integer({ min: 150, max: 1_400 }) }) },
  { weight: 1, arbitrary: fc.record({ do: some('pass'), ms: fc.integer({ min: 59_000, max: 62_000 }) }) },
  { weight: 12, arbitrary: fc.record({ do: some('call'), session }) },
  { weight: 2, arbitrary: fc.record({ do: some('end'), session, heardMs: fc.nat(HEARD_MS - 1) }) },
  { weight: 2, arbitrary: fc.record({ do: some('end'), session, heardMs: fc.constant(undefined) }) },
  { weight: 3, arbitrary: fc.record({ do: some('lose') }) },
  { weight: 3, arbitrary: fc.record({ do: some('regain') }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: some('answers'), takeMs: fc.nat(ASK_TIMEOUT_MS), readAt: fc.nat(100), fails: rarely }),
  },
);

test('no interleaving of ends, losses, beats, answers and failures lets an ended session pass longer than promised', async () => {
  const seen = { passed: 0, revoked: 0, unconfirmed: 0, warm: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => follow(steps, seen)),
    { numRuns: Number(process.env['SIMULATION_RUNS']) || 600 },
  );
  // A model that reaches only one of its ends proves nothing.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(50);
}, 120_000);

const follow = async (steps: readonly Step[], seen: Record<'passed' | 'revoked' | 'unconfirmed' | 'warm', number>) => {
  let now = 0;
  const later: { at: number; run: () => void }[] = [];
  const ids = Array.from({ length: SESSIONS }, (_, index) => `${index}`);
  const endedAt = new Map<string, number>();
  const heard = new Set<string>();
  const confirmedAt = new Map<string, number>();
  const spans: { from: number; until: number }[] = [{ from: 0, until: 0 }];
  let sure = true;
  let asks = 0;
  let silentAt = -Infinity;
  let failedAt = -Infinity;
  let service: { takeMs: number; readAt: number; fails: Failure } = { takeMs: 5, readAt: 50, fails: undefined };

  const after = (ms: number, run: () => void) => void later.push({ at: now + ms, run });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const lose = () => {
    if (sure) spans.at(-1)!.until = now;
    sure = false;
  };
  const regain = () => {
    if (!sure) spans.push({ from: now, until: now });
    sure = true;
  };

  const ask = (id: string): Promise<boolean> => {
    asks++;
    const { takeMs, readAt, fails } = service;
    const askedAt = now;
    const answer = Promise.withResolvers<boolean>();
    let live = false;
    after((takeMs * readAt) / 100, () => (live = !endedAt.has(id)));
    after(takeMs, () => {
      if (fails) {
        failedAt = now;
        if (fails === 'UNAVAILABLE') silentAt = now;
        return answer.reject(new AppError(fails, 'ANY', 'no answer'));
      }
      if (live) confirmedAt.set(id, askedAt);
      answer.resolve(live);
    });
    return answer.promise;
  };

  const guard = createSessionGuard({
    watch: {
      sureSince: () => (sure ? spans.at(-1)!.from : undefined),
      sureUntil: (at) => {
        if (sure) spans.at(-1)!.until = now;
        return Math.max(at, spans.findLast(({ from }) => from <= at)?.until ?? at);
      },
      hasEnded: (_userId, { id }) => heard.has(id),
    },
    ask: (_ctx, _userId, { id }) => ask(id),
    log: silentLog,
    metrics: noMetrics,
    now: () => now,
  });

  const judge = (id: string, error: unknown) => {
    const end = endedAt.get(id);
    if (error === undefined) {
      seen.passed++;
      if (end === undefined) return;
      const unanswered = now - silentAt <= PROMISE_MS + ASK_TIMEOUT_MS;
      expect(now - end).toBeLessThanOrEqual(unanswered ? WITHOUT_ANSWERS_MS : PROMISE_MS);
    } else if (isAppError(error, 'SESSION_REVOKED')) {
      seen.revoked++;
      expect(end).toBeLessThanOrEqual(now);
    } else {
      seen.unconfirmed++;
      expect(isAppError(error, 'SESSION_UNCONFIRMED')).toBe(true);
      expect(now - failedAt).toBeLessThanOrEqual(PROMISE_MS + ASK_TIMEOUT_MS);
    }
  };

  const call = (id: string) => {
    const caller: Caller = { kind: 'user', userId: 'u', session: { id, epoch: 0 } };
    const before = asks;
    const warm = sure && (confirmedAt.get(id) ?? -1) >= spans.at(-1)!.from;
    try {
      const waiting = guard.check(caller);
      if (warm) {
        seen.warm++;
        expect([waiting, asks]).toEqual([undefined, before]);
      }
      if (waiting)
        return waiting.then(
          () => judge(id, undefined),
          (error: unknown) => judge(id, error),
        );
      judge(id, undefined);
    } catch (error) {
      if (!isAppError(error)) throw error;
      judge(id, error);
    }
  };

  const pass = async (ms: number) => {
    await settled();
    const until = now + ms;
    for (;;) {
      const next = later.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (!next) break;
      later.splice(later.indexOf(next), 1);
      now = Math.max(now, next.at);
      next.run();
      await settled();
    }
    now = until;
  };

  const wrong: unknown[] = [];
  const note = (error: unknown) => void wrong.push(error);
  for (const step of steps) {
    switch (step.do) {
      case 'pass':
        await pass(step.ms);
        break;
      case 'call':
        call(ids[step.session]!)?.catch(note);
        break;
      case 'end': {
        const id = ids[step.session]!;
        if (endedAt.has(id)) {
          ids[step.session] = `${id}'`;
          break;
        }
        endedAt.set(id, now);
        const span = spans.at(-1);
        if (step.heardMs === undefined) after(HEARD_MS, () => span === spans.at(-1) && lose());
        else after(step.heardMs, () => sure && span === spans.at(-1) && heard.add(id));
        break;
      }
      case 'lose':
        lose();
        break;
      case 'regain':
        regain();
        break;
      case 'answers':
        service = step;
    }
  }
  await pass(ASK_TIMEOUT_MS);
  expect(wrong).toEqual([]);
};
