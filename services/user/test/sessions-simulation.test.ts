import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { newGrant, type Grant } from '../src/domain/session.ts';
import { createSecrets } from '../src/secrets.ts';
import { createSessionStore } from '../src/store/session-store.ts';
import { dice, followAll, rolledFaults } from './dice.ts';
import { settled } from './settled.ts';

const schedules = fc.record({ dice, refreshes: fc.array(fc.nat(2), { minLength: 1, maxLength: 5 }) });

test('a client that repeats its requests keeps its session through all faults; a thief ends it', { timeout: 120_000 }, () =>
  followAll(1000, schedules, async ({ dice, refreshes }) => {
    const { faults, storm, calm } = rolledFaults(() => dice.next().value);
    const db = createMemoryDb({ faults });
    const secrets = createSecrets('a signing key');
    const digestOf = (grant: Grant) => secrets.digest(secrets.refreshToken(grant));
    const sessions = createSessionStore({ db, digestOf, now: Date.now });
    const ctx = () => testContext();
    const use = (grant: Grant, requestId: string) => () =>
      sessions.refresh(ctx(), mutationOf(ctx(), requestId, { digest: digestOf(grant) }), digestOf(grant), (old) =>
        newGrant(old, secrets.newSeed(), Date.now()),
      );
    storm();

    const opening = mutationOf(ctx(), newId(), { login: 'ada' });
    const family = { userId: 'ada', familyId: newId(), startedAt: Date.now() };
    const first = (await settled(() => sessions.open(ctx(), opening, newGrant(family, secrets.newSeed(), Date.now())))).answer!;
    let last = first;
    for (const repetitions of refreshes) {
      const requestId = newId();
      const ends = await Promise.all(Array.from({ length: 1 + repetitions }, () => settled(use(last, requestId))));
      for (const { end, answer } of ends) expect({ end, answer }).toEqual({ end: 'ok', answer: ends[0]!.answer });
      last = ends[0]!.answer!;
    }

    expect((await settled(use(first, newId()))).end).toBe('REFRESH_TOKEN_INVALID');
    calm();
    expect((await settled(use(last, newId()))).end).toBe('REFRESH_TOKEN_INVALID');
  }),
);
