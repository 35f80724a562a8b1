import { argon2Sync, randomBytes } from 'node:crypto';

import { newId } from '@plaza/core';
import { update } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { formatPhc } from '../src/domain/phc.ts';
import { keys, usersTable } from '../src/store/table.ts';
import { refusal, registration } from './builders.ts';
import { startService, type Service } from './service.ts';

const PASSWORD = 'correct horse battery staple';
const TOLERANCE = 0.05;
const ROUNDS = 20;
/** Rounds are added up, not begun anew: noise shrinks with them, a difference that is there does not. */
const MOST_ROUNDS = 10 * ROUNDS;
const STEP = ROUNDS / 4;

let service: Service;
beforeAll(async () => {
  service = await startService({ hashWorkers: 1 });
});
afterAll(() => service.close());

test('the clock does not tell who exists, has a password, or was deleted', { timeout: 180_000 }, async () => {
  const known = await person(PASSWORD);
  const imported = await person('');
  const deleted = await person(PASSWORD);
  await plant(keys.login(deleted.userId), { closedAt: Date.now() });
  // A check that is a sixth cheaper, as without the decoy all of it would be: the yardstick must see that.
  const cheap = await person(PASSWORD);
  await plant(keys.password(cheap.userId), { hash: cheaperHash(PASSWORD) });

  const attempts = {
    wrong: () => signIn(known.login, 'wrong horse'),
    unknown: () => signIn('nobody_at_all', PASSWORD),
    'unknown address': () => signIn('nobody@example.org', PASSWORD),
    // By a known address, so that all ways to look somebody up are compared.
    imported: () => signIn(imported.email, PASSWORD),
    deleted: () => signIn(deleted.login, PASSWORD),
    cheap: () => signIn(cheap.login, 'wrong horse'),
  };
  const times = new Map(Object.keys(attempts).map((name) => [name, [] as number[]]));
  /** Each attempt is compared with the one of its own round, so that a machine that slows down slows both. */
  const difference = (name: string) => median(times.get(name)!.map((ms, round) => ms / times.get('wrong')![round]!)) - 1;
  const alike = Object.keys(attempts).filter((name) => !['wrong', 'cheap'].includes(name));
  const settled = () => alike.every((name) => Math.abs(difference(name)) < TOLERANCE) && difference('cheap') < -TOLERANCE;

  for (let round = 0; round < MOST_ROUNDS && (round < ROUNDS || round % STEP !== 0 || !settled()); round++)
    for (const [name, attempt] of rotated(Object.entries(attempts), round)) times.get(name)!.push(await timed(attempt));

  for (const name of alike) expect(Math.abs(difference(name)), `${name} against a wrong password`).toBeLessThan(TOLERANCE);
  expect(difference('cheap'), 'the yardstick').toBeLessThan(-TOLERANCE);
});

const signIn = async (login: string, password: string): Promise<void> => {
  const call = service.sessions.createSession(testContext(), { login, password, requestId: newId() });
  expect(await refusal(call)).toMatchObject({ reason: 'BAD_CREDENTIALS' });
};

const person = async (password: string) => {
  const request = registration({ password });
  const { user } = await service.users.createUser(testContext(), request);
  return { userId: user!.userId, login: request.username, email: request.email };
};

const plant = (key: { pk: string; sk: string }, set: Record<string, string | number>) =>
  service.app.db.write(testContext(), update(usersTable, key, { set }));

const cheaperHash = (password: string): string => {
  const cost = { memoryKiB: 16_384, passes: 2, lanes: 1 };
  const salt = randomBytes(16);
  const tag = argon2Sync('argon2id', {
    message: password,
    nonce: salt,
    memory: 16_384,
    passes: 2,
    parallelism: 1,
    tagLength: 32,
  });
  return formatPhc({ ...cost, salt, tag });
};

const timed = async (run: () => Promise<void>): Promise<number> => {
  const start = performance.now();
  await run();
  return performance.now() - start;
};

/** Nobody always goes first, or after the same one. */
const rotated = <T>(list: readonly T[], by: number): T[] => {
  const turned = [...list.slice(by % list.length), ...list.slice(0, by % list.length)];
  return Math.floor(by / list.length) % 2 === 0 ? turned : turned.toReversed();
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
