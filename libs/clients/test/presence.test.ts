import { once } from 'node:events';

import { AppError, newId, type ErrorCode } from '@plaza/core';
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

test.each<ErrorCode>(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED'])(
  'while the user service answers %s, what it said within the last minute holds, and no more',
  async (code) => {
    const { presence, missing, fail, tick } = world();
    const [ada, bob, unseen] = people(3) as [string, string, string];
    missing.add(bob);
    await presence.gone(testContext(), [ada, bob]);
    fail(new AppError(code, 'ANY', 'away'));
    tick(60_000);
    expect(await presence.gone(testContext(), [ada, bob])).toEqual(new Set([bob]));
    const unconfirmed = { code: 'UNAVAILABLE', reason: 'PEER_UNAVAILABLE', details: { domain: 'plaza' } };
    await expect(presence.gone(testContext(), [ada, unseen])).rejects.toMatchObject(unconfirmed);
    tick(1);
    await expect(presence.gone(testContext(), [ada])).rejects.toMatchObject(unconfirmed);
    fail(undefined);
    expect(await presence.gone(testContext(), [ada, bob])).toEqual(new Set([bob]));
  },
);

test('an outage does not prolong what was confirmed before it', async () => {
  const { presence, fail, tick } = world();
  const [ada] = people(1) as [string];
  await presence.gone(testContext(), [ada]);
  fail(new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'away'));
  for (let i = 0; i < 3; i++) {
    tick(20_000);
    await presence.gone(testContext(), [ada]);
  }
  tick(1);
  await expect(presence.gone(testContext(), [ada])).rejects.toMatchObject({ reason: 'PEER_UNAVAILABLE' });
});

test('any other failure is no outage and is told', async () => {
  const { presence, fail } = world();
  const [ada] = people(1) as [string];
  await presence.gone(testContext(), [ada]);
  fail(new AppError('PERMISSION_DENIED', 'POLICY_DENIED', 'not you'));
  await expect(presence.gone(testContext(), [ada])).rejects.toMatchObject({ reason: 'POLICY_DENIED' });
});

test('a user service that is silent takes half of the time, and a caller who is gone is told so', async () => {
  const { presence, fail } = world();
  const [ada] = people(1) as [string];
  await presence.gone(testContext(), [ada]);
  fail('silent');
  const start = performance.now();
  expect(await presence.gone(testContext({ timeoutMs: 400 }), [ada])).toEqual(new Set());
  expect(performance.now() - start).toBeLessThan(390);
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
  fail(new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'away'));
  expect(await presence.gone(testContext(), [ada])).toEqual(new Set([ada]));
});

test('no more than 50,000 people are remembered, those seen last', async () => {
  const { presence, fail } = world();
  const first = people(1);
  await presence.gone(testContext(), first);
  const crowd = people(50_000);
  await presence.gone(testContext({ timeoutMs: 60_000 }), crowd);
  fail(new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'away'));
  expect(await presence.gone(testContext(), crowd)).toEqual(new Set());
  await expect(presence.gone(testContext(), first)).rejects.toMatchObject({ reason: 'PEER_UNAVAILABLE' });
});

const people = (n: number): string[] => Array.from({ length: n }, () => newId());

const world = () => {
  let clock = 1_000_000;
  let failure: AppError | 'silent' | undefined;
  let gate: Promise<void> | undefined;
  const missing = new Set<string>();
  const asked: string[][] = [];
  const presence = createPresence({
    now: () => clock,
    users: {
      batchGetUsers: async ({ signal }, { userIds = [] }) => {
        asked.push([...userIds]);
        if (failure === 'silent') {
          if (!signal.aborted) await once(signal, 'abort');
          throw new AppError('DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED', 'too late');
        }
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
    /** Keeps the next answer back, as it was when it was asked for. */
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
};
