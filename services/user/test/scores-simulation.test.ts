import { connectRedis, createRankedSet } from '@plaza/cache';
import { newId, noMetrics, silentLog } from '@plaza/core';
import { createMemoryDb, put } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import { scoresOf } from '../src/store/score-rows.ts';
import { createScoreStore } from '../src/store/score-store.ts';
import { keys, usersTable } from '../src/store/table.ts';
import { dice, followAll, rolledFaults } from './dice.ts';
import { settled } from './settled.ts';

/** Nothing listens there: the rows themselves answer. */
const redis = connectRedis({ owner: 'user', url: 'redis://127.0.0.1:1', log: silentLog, metrics: noMetrics });
afterAll(() => redis.close());

const BOARD = 'quiz';
const USERS = ['ada', 'bob', 'cyd'];
const EVENTS = 8;

/** Which event, and whether it is claimed for somebody else than most times. */
const claim = fc.record({ index: fc.nat(EVENTS - 1), stolen: fc.constantFrom(0, 0, 0, 1) });
type Claim = typeof claim extends fc.Arbitrary<infer C> ? C : never;

const schedules = fc.record({
  dice,
  deltas: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: EVENTS, maxLength: EVENTS }),
  clients: fc.array(fc.array(claim, { maxLength: 8 }), { minLength: 2, maxLength: 4 }),
});

test('no race, conflict, lost reply or repetition counts an event twice or not at all', { timeout: 120_000 }, () =>
  followAll(600, schedules, async ({ dice, deltas, clients }) => {
    const { faults, storm, calm } = rolledFaults(() => dice.next().value);
    const db = createMemoryDb({ faults });
    for (const userId of USERS) await db.write(testContext(), put(usersTable, { ...keys.profile(userId), state: 'ACTIVE' }));
    const boards = createRankedSet({ redis, namespace: newId(), name: 'board', ttlMs: 60_000, load: scoresOf(db) });
    const scores = createScoreStore({ db, boards, now: Date.now });
    const eventOf = ({ index, stolen }: Claim) => ({
      eventId: `e${index}`,
      userId: USERS[(index + stolen) % USERS.length]!,
      delta: deltas[index]!,
    });
    storm();

    const ends: { event: ReturnType<typeof eventOf>; end: string; answer?: number }[] = [];
    const play = async (claims: readonly Claim[]) => {
      for (const event of claims.map(eventOf)) {
        const { end, answer } = await settled(() => scores.add(testContext(), BOARD, event));
        ends.push({ event, end, ...(answer !== undefined && { answer }) });
      }
    };
    await Promise.all(clients.map(play));
    calm();

    // One claim to an event is counted, and answered alike each time; the others are told so.
    const counted = new Map(ends.flatMap((each) => (each.end === 'ok' ? [[each.event.eventId, each]] : [])));
    for (const { event, end, answer } of ends) {
      const first = counted.get(event.eventId)!;
      const same = first.event.userId === event.userId;
      expect({ end, answer }).toEqual(same ? { end: 'ok', answer: first.answer } : { end: 'REQUEST_ID_REUSED' });
    }
    // The model: a person's events in some order, each answered by the sum so far.
    const sums = new Map<string, number>();
    for (const { event, answer } of [...counted.values()].toSorted((a, b) => a.answer! - b.answer!)) {
      const { userId, delta } = event;
      sums.set(userId, (sums.get(userId) ?? 0) + delta);
      expect(answer).toBe(sums.get(userId));
    }
    const top = await scores.top(testContext(), BOARD, { from: 0, limit: 10 });
    expect(new Map(top.map(({ userId, score }) => [userId, score]))).toEqual(sums);
    const ordered = top.toSorted((a, b) => b.score - a.score || (a.reachedId < b.reachedId ? -1 : 1));
    expect(top).toEqual(ordered.map((standing, i) => ({ ...standing, rank: i + 1 })));
  }),
);
