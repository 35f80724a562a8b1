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
const redis = connectRedis({ url: 'redis://127.0.0.1:1', log: silentLog, metrics: noMetrics });
afterAll(() => redis.close());

const BOARD = 'quiz';
const USERS = ['ada', 'bob', 'cyd'];
const EVENTS = 8;

const event = fc.nat(EVENTS - 1);
const schedules = fc.record({
  dice,
  deltas: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: EVENTS, maxLength: EVENTS }),
  clients: fc.array(fc.array(event, { maxLength: 8 }), { minLength: 2, maxLength: 4 }),
});

test('no race, conflict, lost reply or repetition counts an event twice or not at all', { timeout: 120_000 }, () =>
  followAll(1000, schedules, async ({ dice, deltas, clients }) => {
    const { faults, storm, calm } = rolledFaults(() => dice.next().value);
    const db = createMemoryDb({ faults });
    for (const userId of USERS) await db.write(testContext(), put(usersTable, { ...keys.profile(userId), state: 'ACTIVE' }));
    const boards = createRankedSet({ redis, namespace: newId(), name: 'board', ttlMs: 60_000, load: scoresOf(db) });
    const scores = createScoreStore({ db, boards, now: Date.now });
    const events = deltas.map((delta, i) => ({ eventId: `e${i}`, userId: USERS[i % USERS.length]!, delta }));
    storm();

    const answers = new Map<number, number>();
    const play = async (index: number) => {
      const { end, answer } = await settled(() => scores.add(testContext(), BOARD, events[index]!));
      expect({ end, answer }).toEqual({ end: 'ok', answer: answers.get(index) ?? answer });
      answers.set(index, answer!);
    };
    await Promise.all(
      clients.map(async (client) => {
        for (const index of client) await play(index);
      }),
    );
    calm();

    // The model: a person's events in some order, each answered by the sum so far.
    const sums = new Map<string, number>();
    for (const [index, answer] of [...answers].toSorted(([, a], [, b]) => a - b)) {
      const { userId, delta } = events[index]!;
      sums.set(userId, (sums.get(userId) ?? 0) + delta);
      expect(answer).toBe(sums.get(userId));
    }
    const top = await scores.top(testContext(), BOARD, { from: 0, limit: 10 });
    expect(new Map(top.map(({ userId, score }) => [userId, score]))).toEqual(sums);
    const ordered = top.toSorted((a, b) => b.score - a.score || (a.reachedId < b.reachedId ? -1 : 1));
    expect(top).toEqual(ordered.map((standing, i) => ({ ...standing, rank: i + 1 })));
  }),
);
