import { newId } from '@plaza/core';
import { SessionsRevoked } from '@plaza/proto/plaza/user/v1/events';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Family, Grant } from '../src/domain/session.ts';
import { keys, read, usersTable } from '../src/store/table.ts';
import { dice, followAll, rolledFaults } from './dice.ts';
import { ADA, PASSWORDS, sessionWorld, type SessionWorld } from './session-world.ts';

const password = fc.constantFrom(...PASSWORDS);
const target = fc.nat(99);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('sign-in' as const), password }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('refresh' as const), target }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reuse' as const), target }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end-one' as const), target }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end-all' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('set-password' as const), password, next: password }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const schedules = fc.record({ dice, clients: fc.array(fc.array(step, { maxLength: 8 }), { minLength: 2, maxLength: 4 }) });

test('after any race of sign-ins, refreshes, thefts and ends just those sessions live that should', { timeout: 120_000 }, () =>
  followAll(2000, schedules, async ({ dice, clients }) => {
    const { faults, storm, calm } = rolledFaults(() => dice.next().value);
    const world = await sessionWorld(faults);
    storm();
    const model: Model = { sessions: [], allEnded: 0 };
    await Promise.all(clients.map((steps) => play(world, model, steps)));
    calm();
    const { families } = await world.sessions.list(testContext(), ADA, { size: 100, after: undefined });
    const ids = living(model).map(({ familyId }) => familyId);
    expect(families.map(({ familyId }) => familyId)).toEqual(ids.toSorted().toReversed());
    await audit(world, model);
  }),
);

test('a client that repeats its requests keeps its session through all faults; a thief ends it', { timeout: 120_000 }, () => {
  const histories = fc.record({ dice, refreshes: fc.array(fc.nat(2), { minLength: 1, maxLength: 5 }) });
  return followAll(1000, histories, async ({ dice, refreshes }) => {
    const { faults, storm, calm } = rolledFaults(() => dice.next().value);
    const world = await sessionWorld(faults);
    storm();
    const first = (await world.signIn(PASSWORDS[0])).answer!;
    let last = first;
    for (const repetitions of refreshes) {
      const requestId = newId();
      const ends = await Promise.all(Array.from({ length: 1 + repetitions }, () => world.refresh(last, requestId)));
      for (const { end, answer } of ends) expect({ end, answer }).toEqual({ end: 'ok', answer: ends[0]!.answer });
      last = ends[0]!.answer!;
    }
    expect((await world.refresh(first, newId())).end).toBe('REFRESH_TOKEN_INVALID');
    calm();
    expect((await world.refresh(last, newId())).end).toBe('REFRESH_TOKEN_INVALID');
  });
});

/** What a careful observer of all answers knows of one signing-in. */
interface Seen {
  readonly familyId: string;
  readonly password: string;
  readonly epoch: number;
  /** Those that were given, newest last. */
  readonly grants: Grant[];
  /** Those whose token gave another. */
  readonly used: Set<Grant>;
  /** Somebody was told that it is over, or that a token of it is no good: none of these was ever of another kind. */
  over: boolean;
}

interface Model {
  readonly sessions: Seen[];
  /** How often all sessions were ended, each acknowledged. */
  allEnded: number;
}

const living = ({ sessions, allEnded }: Model): Seen[] => sessions.filter(({ over, epoch }) => !over && epoch === allEnded);

/** One client. What it is told of an end must hold from then on: no later step finds the session alive. */
const play = async (world: SessionWorld, model: Model, steps: readonly Step[]): Promise<void> => {
  for (const step of steps) {
    if (step.do === 'sign-in') {
      const { end, answer } = await world.signIn(step.password);
      expect(['ok', 'BAD_CREDENTIALS']).toContain(end);
      if (answer) model.sessions.push({ ...answer, password: step.password, grants: [answer], used: new Set(), over: false });
    } else if (step.do === 'end-all' || step.do === 'set-password') {
      const before = [...model.sessions];
      const { end } = await (step.do === 'end-all' ? world.endAll() : world.setPassword(step.password, step.next));
      if (end !== 'ok') continue;
      model.allEnded++;
      for (const session of before) session.over = true;
    } else if (model.sessions.length > 0) {
      await playOn(world, model.sessions[step.target % model.sessions.length]!, step.do);
    }
  }
};

const playOn = async (world: SessionWorld, session: Seen, action: 'refresh' | 'reuse' | 'end-one'): Promise<void> => {
  const wasOver = session.over;
  const [first, last] = [session.grants[0]!, session.grants.at(-1)!];
  const shown = action === 'reuse' ? first : last;
  const { end, answer } = await (action === 'end-one' ? world.endOne(session.familyId) : world.refresh(shown, newId()));
  expect(['ok', 'REFRESH_TOKEN_INVALID', 'SESSION_NOT_FOUND']).toContain(end);
  if (wasOver || shown !== last) expect(end, `${action} of what is over`).not.toBe('ok');
  if (answer) {
    expect(session.used.has(shown), 'one token gave two').toBe(false);
    session.used.add(shown);
    session.grants.push(answer);
  } else session.over = true;
  if (session.over) expect((await world.isLiving(session.familyId)).answer).toBe(false);
};

const audit = async ({ db, sessions, announced }: SessionWorld, model: Model): Promise<void> => {
  const ctx = testContext();
  const epoch = model.allEnded;
  const { login } = await sessions.look(ctx, ADA);
  expect(login, 'each acknowledged act once').toEqual({ epoch, logins: model.sessions.length });

  const { hash } = (await db.get(ctx, usersTable, keys.password(ADA)))!;
  for (const session of living(model)) expect(session.password, 'nobody is in with an older password').toBe(hash);

  const shards = await Promise.all([0, 1, 2, 3].map((shard) => db.query(ctx, usersTable, { pk: `OX#${shard}` })));
  const rows = shards.flatMap(({ items }) => items);
  const events = rows.map((row) => SessionsRevoked.decode(row['payload'] as Uint8Array));
  const told = events.map((event) => event.sessionId || `all below ${event.epoch}`);
  const stored = await db.query(ctx, usersTable, { pk: keys.family(ADA, '').pk, sk: { beginsWith: 'F#' } });
  const ended = stored.items.flatMap((item) => read<Family>(item) ?? []).filter(({ revokedAt }) => revokedAt !== undefined);
  const all = Array.from({ length: epoch }, (_, i) => `all below ${i + 1}`);
  expect(told.toSorted(), 'one event for each end').toEqual([...ended.map(({ familyId }) => familyId), ...all].toSorted());
  const committed = new Set(rows.map(({ sk }) => sk));
  expect(
    announced.filter((id) => !committed.has(id)),
    'announced though never committed',
  ).toEqual([]);
};
