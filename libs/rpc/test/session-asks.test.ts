import { AppError, newId, noMetrics, silentLog, type Caller, type ErrorCode } from '@plaza/core';
import { beforeEach, expect, test } from 'vitest';

import { createSessionGuard, type SessionGuard } from '../src/index.ts';

const session = { id: newId(), epoch: 2 };
const caller: Caller = { kind: 'user', userId: newId(), session };

const revoked = { code: 'UNAUTHENTICATED', reason: 'SESSION_REVOKED', details: { domain: 'plaza' } };
const unconfirmed = { code: 'UNAVAILABLE', reason: 'SESSION_UNCONFIRMED', details: { domain: 'plaza', retryAfterMs: 400 } };

let at: number;
/** What the user service answers, and how often it was asked. */
let answer: () => Promise<boolean>;
let asks: number;
let guard: SessionGuard;

// The watch is never sure, so that every call asks that can.
beforeEach(() => {
  at = 1_000_000;
  answer = async () => true;
  asks = 0;
  guard = createSessionGuard({
    watch: { sureSince: () => undefined, sureUntil: (time) => time, hasEnded: () => false },
    ask: () => {
      asks++;
      return answer();
    },
    log: silentLog,
    metrics: noMetrics,
    now: () => at,
  });
});

test('when nobody answers, calls do not wait for it: one question in 400 ms', async () => {
  answer = away;
  for (let i = 0; i < 3; i++) await expect(guard.check(caller)).rejects.toMatchObject(unconfirmed);
  for (let i = 0; i < 20; i++) await expect(guard.check(caller)).rejects.toMatchObject(unconfirmed);
  expect(asks).toBe(3);
  at += 400;
  answer = async () => true;
  await guard.check(caller);
  expect(asks).toBe(4);
});

test('the first question after that is waited for by strangers, not by those who may pass without', async () => {
  await silenced();
  at += 400;
  const question = Promise.withResolvers<boolean>();
  answer = () => question.promise;
  const strangers = ['s1', 's2'].map((id) => guard.check(stranger(id)));
  await guard.check(caller);
  answer = async () => true;
  question.resolve(true);
  for (const waiting of strangers) await waiting;
  expect(asks).toBe(6);
});

test('nor is it waited for by the one who may pass and whose call puts it; its answer counts from then on', async () => {
  await silenced();
  at += 400;
  const question = Promise.withResolvers<boolean>();
  answer = () => question.promise;
  await guard.check(caller);
  await guard.check(caller);
  expect(asks).toBe(5);
  question.resolve(false);
  await question.promise;
  await new Promise(setImmediate);
  expect(() => guard.check(caller)).toThrow(expect.objectContaining(revoked));
});

test('however late that question begins: nobody else asks or waits while it is out', async () => {
  await silenced();
  at += 999;
  const question = Promise.withResolvers<boolean>();
  answer = () => question.promise;
  await guard.check(caller);
  at += 799;
  await guard.check(caller);
  expect(asks).toBe(5);
  question.reject(new AppError('DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED', 'too late'));
  await new Promise(setImmediate);
  await guard.check(caller);
  expect(asks).toBe(5);
});

test('silence is believed for a second only: then whoever calls asks', async () => {
  await silenced();
  at += 1_000;
  answer = async () => false;
  await expect(guard.check(caller)).rejects.toMatchObject(revoked);
});

test.each<ErrorCode>(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED'])('%s is silence', async (code) => {
  await guard.check(caller);
  at += 1_000;
  answer = () => Promise.reject(new AppError(code, 'ANY', 'away'));
  await guard.check(caller);
  expect(asks).toBe(2);
});

test.each<ErrorCode>(['RESOURCE_EXHAUSTED', 'INTERNAL', 'PERMISSION_DENIED'])(
  '%s is said by somebody who is there: nobody passes by it, and everybody goes on asking',
  async (code) => {
    await guard.check(caller);
    at += 1_000;
    answer = () => Promise.reject(new AppError(code, 'ANY', 'no'));
    for (let i = 0; i < 5; i++) await expect(guard.check(caller)).rejects.toMatchObject(unconfirmed);
    expect(asks).toBe(6);
    answer = away;
    await guard.check(caller);
  },
);

test('256 questions are out at one time at most; whoever comes then is put off, entitled or not', async () => {
  await guard.check(caller);
  at += 1_000;
  const question = Promise.withResolvers<boolean>();
  answer = () => question.promise;
  const crowd = Array.from({ length: 256 }, (_, i) => guard.check(stranger(`${i}`)));
  await expect(guard.check(stranger('late'))).rejects.toMatchObject(unconfirmed);
  await expect(guard.check(caller)).rejects.toMatchObject(unconfirmed);
  expect(asks).toBe(257);
  const joins = guard.check(stranger('7'));
  question.resolve(true);
  await Promise.all([...crowd, joins]);
  await guard.check(caller);
  expect(asks).toBe(258);
});

const stranger = (id: string): Caller => ({ ...caller, session: { id, epoch: 0 } });

/** The caller is confirmed, then nobody answers, three times. */
const silenced = async () => {
  await guard.check(caller);
  at += 1_000;
  answer = away;
  for (let i = 0; i < 3; i++) await guard.check(caller);
};

const away = () => Promise.reject(new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'away'));
