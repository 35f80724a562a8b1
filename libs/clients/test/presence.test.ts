import { AppError, newId, pause, type ErrorCode } from '@plaza/core';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { createPresence } from '../src/index.ts';

test('asks for each once, a hundred at a time and all at the same time, and at every call', async () => {
  const { presence, asked } = world();
  const ids = people(250);
  expect(await presence.gone(testContext(), [...ids, ...ids])).toEqual(new Set());
  expect(asked.map(({ length }) => length)).toEqual([100, 100, 50]);
  expect(asked.flat()).toEqual(ids);
  await presence.gone(testContext(), [ids[0]!]);
  expect(asked).toHaveLength(4);
  expect(await presence.gone(testContext(), [])).toEqual(new Set());
  expect(asked).toHaveLength(4);
});

test('whoever is deleted is gone at the next call, and back at the next after', async () => {
  const { presence, missing } = world();
  const [ada, bob] = people(2) as [string, string];
  expect(await presence.gone(testContext(), [ada, bob])).toEqual(new Set());
  missing.add(ada);
  expect(await presence.gone(testContext(), [ada, bob])).toEqual(new Set([ada]));
  missing.delete(ada);
  expect(await presence.gone(testContext(), [ada, bob])).toEqual(new Set());
});

test('while the user service is away, what it said within the last minute holds, and no more', async () => {
  const { presence, missing, fail, tick } = world();
  const [ada, bob, unseen] = people(3) as [string, string, string];
  missing.add(bob);
  await presence.gone(testContext(), [ada, bob]);
  fail(away());
  tick(60_000);
  expect(await presence.gone(testContext(), [ada, bob])).toEqual(new Set([bob]));
  const unconfirmed = { code: 'UNAVAILABLE', reason: 'PEER_UNAVAILABLE', details: { domain: 'plaza' } };
  await expect(presence.gone(testContext(), [ada, unseen])).rejects.toMatchObject(unconfirmed);
  tick(1);
  await expect(presence.gone(testContext(), [ada])).rejects.toMatchObject(unconfirmed);
  fail(undefined);
  expect(await presence.gone(testContext(), [ada, bob])).toEqual(new Set([bob]));
});

test.each<[ErrorCode, string]>([
  ['RESOURCE_EXHAUSTED', 'OVERLOADED'],
  ['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED'],
  ['CANCELLED', 'CALL_CANCELLED'],
  ['UNAVAILABLE', 'STORE_UNAVAILABLE'],
  ['PERMISSION_DENIED', 'POLICY_DENIED'],
  ['INTERNAL', 'INTERNAL'],
])('%s %s, said at once, comes from a service that lives: it is told', async (code, reason) => {
  const { presence, fail } = world();
  const [ada] = people(1) as [string];
  await presence.gone(testContext(), [ada]);
  fail(new AppError(code, reason, 'no'));
  await expect(presence.gone(testContext(), [ada])).rejects.toMatchObject({ code, reason });
});

test('a caller who has less time than the user service takes is not shown who was just deleted', async () => {
  const { presence, missing, takes } = world({ now: () => performance.now() });
  const [ada] = people(1) as [string];
  expect(await presence.gone(testContext(), [ada])).toEqual(new Set());
  missing.add(ada);
  takes(60);
  await expect(presence.gone(testContext({ timeoutMs: 40 }), [ada])).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(await presence.gone(testContext({ timeoutMs: 400 }), [ada])).toEqual(new Set([ada]));
});

test('an outage does not prolong what was confirmed before it', async () => {
  const { presence, fail, tick } = world();
  const [ada] = people(1) as [string];
  await presence.gone(testContext(), [ada]);
  fail(away());
  for (let i = 0; i < 3; i++) {
    tick(20_000);
    await presence.gone(testContext(), [ada]);
  }
  tick(1);
  await expect(presence.gone(testContext(), [ada])).rejects.toMatchObject({ reason: 'PEER_UNAVAILABLE' });
});

test('half a second of silence is an outage; the deadline of a caller who has less, or who is gone, is none', async () => {
  const { presence, fail } = world({ now: () => performance.now() });
  const [ada] = people(1) as [string];
  await presence.gone(testContext(), [ada]);
  fail('silent');
  const start = performance.now();
  expect(await presence.gone(testContext({ timeoutMs: 2_000 }), [ada])).toEqual(new Set());
  expect(performance.now() - start).toSatisfy((ms: number) => ms >= 500 && ms < 1_000);
  await expect(presence.gone(testContext({ timeoutMs: 400 }), [ada])).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  const ctx = { ...testContext(), signal: AbortSignal.abort() };
  await expect(presence.gone(ctx, [ada])).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('an answer that was overtaken by a later question is not remembered over it', async () => {
  const { presence, missing, fail, tick, hold } = world();
  const [ada] = people(1) as [string];
  const release = hold();
  const slow = presence.gone(testContext(), [ada]);
  tick(1);
  missing.add(ada);
  expect(await presence.gone(testContext(), [ada])).toEqual(new Set([ada]));
  release();
  expect(await slow).toEqual(new Set());
  fail(away());
  expect(await presence.gone(testContext(), [ada])).toEqual(new Set([ada]));
});

test('no more than 50,000 people are remembered, those seen last', async () => {
  const { presence, fail } = world();
  const first = people(1);
  await presence.gone(testContext(), first);
  const crowd = people(50_000);
  await presence.gone(testContext({ timeoutMs: 60_000 }), crowd);
  fail(away());
  expect(await presence.gone(testContext(), crowd)).toEqual(new Set());
  await expect(presence.gone(testContext(), first)).rejects.toMatchObject({ reason: 'PEER_UNAVAILABLE' });
});

const people = (n: number): string[] => Array.from({ length: n }, () => newId());

const away = () => new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'away');

const world = ({ now }: { now?: () => number } = {}) => {
  let clock = 1_000_000;
  let tookMs = 0;
  let failure: AppError | 'silent' | undefined;
  let gate: Promise<void> | undefined;
  const missing = new Set<string>();
  const asked: string[][] = [];
  const presence = createPresence({
    now: now ?? (() => clock),
    users: {
      batchGetUsers: async ({ signal }, { userIds = [] }) => {
        asked.push([...userIds]);
        if (failure === 'silent' || tookMs > 0) await pause(failure === 'silent' ? 60_000 : tookMs, signal);
        if (signal.aborted) throw new AppError('DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED', 'too late');
        if (failure === 'silent') throw away();
        if (failure) throw failure;
        const missingIds = userIds.filter((id) => missing.has(id));
        const wait = gate;
        gate = undefined;
        await wait;
        return {
          users: userIds.filter((id) => !missingIds.includes(id)).map((userId) => User.fromPartial({ userId })),
          missingIds,
        };
      },
    },
  });
  return {
    presence,
    missing,
    asked,
    fail: (next: typeof failure) => (failure = next),
    tick: (ms: number) => (clock += ms),
    takes: (ms: number) => (tookMs = ms),
    /** Keeps the next answer back, as it was when it was asked for. */
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
};
