import { mutationOf, newId, type Context } from '@plaza/core';
import { createMemoryDb, put, type Db, type Faults } from '@plaza/dynamo';
import { SessionsRevoked } from '@plaza/proto/plaza/user/v1/events';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { badCredentials } from '../src/domain/errors.ts';
import { newGrant, type Family, type Grant } from '../src/domain/session.ts';
import { createSecrets } from '../src/secrets.ts';
import { createCredentialStore } from '../src/store/credential-store.ts';
import { createRevocationStore } from '../src/store/revocation-store.ts';
import { createRevoke } from '../src/store/revoke.ts';
import { createSessionStore } from '../src/store/session-store.ts';
import { keys, read, usersTable } from '../src/store/table.ts';
import { dice, followAll, rolledFaults } from './dice.ts';
import { settled } from './settled.ts';

const ADA = 'ada';
const PASSWORDS = ['open sesame', 'shut sesame', 'sesame seeds'];

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

test(
  'after any race of sign-ins, refreshes, thefts and ends, the sessions that live are those that should',
  { timeout: 120_000 },
  () =>
    followAll(2000, schedules, async ({ dice, clients }) => {
      const { faults, storm, calm } = rolledFaults(() => dice.next().value);
      const world = await newWorld(faults);
      storm();
      const model: Model = { sessions: [], allEnded: 0 };
      await Promise.all(clients.map((steps) => play(world, model, steps)));
      calm();
      await audit(world, model);
    }),
);

test('a client that repeats its requests keeps its session through all faults; a thief ends it', { timeout: 120_000 }, () => {
  const histories = fc.record({ dice, refreshes: fc.array(fc.nat(2), { minLength: 1, maxLength: 5 }) });
  return followAll(1000, histories, async ({ dice, refreshes }) => {
    const { faults, storm, calm } = rolledFaults(() => dice.next().value);
    const world = await newWorld(faults);
    storm();
    const first = (await world.signIn(PASSWORDS[0]!)).answer!;
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

type World = Awaited<ReturnType<typeof newWorld>>;

/** One client. What it is told of an end must hold from then on: no later step finds the session alive. */
const play = async (world: World, model: Model, steps: readonly Step[]): Promise<void> => {
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

const playOn = async (world: World, session: Seen, action: 'refresh' | 'reuse' | 'end-one'): Promise<void> => {
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
  if (session.over) expect((await world.living(session.familyId)).answer).toBe(false);
};

const audit = async ({ db, sessions, announced }: World, model: Model): Promise<void> => {
  const ctx = testContext();
  const epoch = model.allEnded;
  const { login } = await sessions.look(ctx, ADA);
  expect(login, 'each acknowledged act once').toEqual({ epoch, logins: model.sessions.length });

  const expected = model.sessions.filter((session) => !session.over && session.epoch === epoch);
  const { families } = await sessions.list(ctx, ADA, { size: 100, after: undefined });
  const ids = expected.map(({ familyId }) => familyId);
  expect(families.map(({ familyId }) => familyId)).toEqual(ids.toSorted().toReversed());
  const { hash } = (await db.get(ctx, usersTable, keys.password(ADA)))!;
  for (const session of expected) expect(session.password, 'nobody is in with an older password').toBe(hash);

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

/** One person, whose hash is the password itself, and the acts, each repeated until it is definitely done or refused. */
const newWorld = async (faults: Faults) => {
  const db: Db = createMemoryDb({ faults });
  await db.transact(testContext(), [
    put(usersTable, { ...keys.profile(ADA), state: 'ACTIVE' }),
    put(usersTable, { ...keys.username('Ada'), userId: ADA }),
    put(usersTable, { ...keys.password(ADA), hash: PASSWORDS[0]! }),
  ]);
  const secrets = createSecrets('a signing key');
  const digestOf = (grant: Grant) => secrets.digest(secrets.refreshToken(grant));
  const announced: string[] = [];
  const announce = async (rows: readonly { sk: string }[]) => announced.push(...rows.map(({ sk }) => sk)) > 0;
  const now = Date.now;
  const revoke = createRevoke({ db, relay: { announce } });
  const sessions = createSessionStore({ db, digestOf, now });
  const credentials = createCredentialStore({ db, revoke, now });
  const revocations = createRevocationStore({ db, sessions, revoke, now });

  /** A new request: its repetitions share its id. */
  const act = <T>(body: object, run: (ctx: Context, mutation: ReturnType<typeof mutationOf>) => Promise<T>, id = newId()) =>
    settled(() => run(testContext(), mutationOf(testContext(), id, body)));

  return {
    db,
    sessions,
    announced,
    signIn: (password: string) =>
      act({ password }, async (ctx, mutation) => {
        const credential = await credentials.find(ctx, 'ada');
        if (credential?.hash !== password) throw badCredentials();
        const origin = { userId: ADA, familyId: newId(), startedAt: now(), epoch: credential.login.epoch };
        return sessions.open(ctx, mutation, newGrant(origin, secrets.newSeed(), now()));
      }),
    refresh: (grant: Grant, requestId: string) => {
      const digest = digestOf(grant);
      const renew = (old: Parameters<typeof newGrant>[0]) => newGrant(old, secrets.newSeed(), now());
      const options = { renew, onReuse: revocations.endStolen };
      return act({ digest }, (ctx, mutation) => sessions.refresh(ctx, mutation, digest, options), requestId);
    },
    endOne: (familyId: string) => act({ familyId }, (ctx, mutation) => revocations.endOne(ctx, mutation, ADA, familyId)),
    endAll: () => act({}, (ctx, mutation) => revocations.endAll(ctx, mutation, ADA)),
    setPassword: (current: string, next: string) =>
      act({ current, next }, (ctx, mutation) =>
        credentials.setPassword(ctx, mutation, ADA, async (hash) => {
          if (hash !== current) throw badCredentials();
          return next;
        }),
      ),
    living: (familyId: string) => settled(async () => (await sessions.look(testContext(), ADA, familyId)).family !== undefined),
  };
};
