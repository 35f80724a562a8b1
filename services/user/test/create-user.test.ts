import { newId, noMetrics, silentLog } from '@plaza/core';
import { createDeadLetterStore } from '@plaza/dynamo';
import { createConsumers, userCreated } from '@plaza/events';
import { asUser, eventually, testContext, testerBus } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, usersTable } from '../src/store/table.ts';
import { refusal, registration } from './builders.ts';
import { startService, type Service } from './service.ts';

/** Fifty hashless registrations at once are more than their budget of two seconds on a busy machine. */
const PATIENCE_MS = 60_000;

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('a person registers, has an empty wallet and is found', async () => {
  const request = registration({ displayName: 'Ada', bio: 'counts', password: 'analytical engine' });
  const { user } = await service.users.createUser(testContext(), request);
  expect(user).toMatchObject({ username: request.username, email: request.email, displayName: 'Ada', bio: 'counts', etag: '1' });
  const { user: found } = await service.users.getUser(asUser(user!.userId), { by: { $case: 'userId', value: user!.userId } });
  expect(found).toEqual(user);
  const { wallet } = await service.wallets.getWallet(asUser(user!.userId), { userId: user!.userId });
  expect(wallet?.balance).toEqual({ currencyCode: 'EUR', units: 0n, nanos: 0 });
});

test('of 50 who race for one name, one gets it and the others leave nothing behind', { timeout: 90_000 }, async () => {
  const requests = Array.from({ length: 50 }, (_, i) => registration({ username: i % 2 ? 'Highlander' : 'HIGHLANDER' }));
  const ends = await Promise.allSettled(
    requests.map((request) => service.users.createUser(testContext({ timeoutMs: PATIENCE_MS }), request)),
  );
  const winner = ends.findIndex(({ status }) => status === 'fulfilled');
  for (const [i, end] of ends.entries()) {
    if (i === winner) continue;
    const reason = { code: 'ALREADY_EXISTS', reason: 'USERNAME_TAKEN', details: { domain: 'plaza.user' } };
    expect(end).toMatchObject({ status: 'rejected', reason });
  }
  const emails = await service.app.db.batchGet(
    testContext(),
    usersTable,
    requests.map(({ email }) => keys.email(email)),
  );
  expect(emails.flatMap((row, i) => (row ? [i] : []))).toEqual([winner]);
  expect((await rowOf(keys.username('highlander')))!['userId']).toBe(emails[winner]!['userId']);
});

test('a failed registration does not reserve its name', async () => {
  const first = registration();
  await service.users.createUser(testContext(), first);
  const second = registration({ email: first.email.toUpperCase() });
  expect(await refusal(service.users.createUser(testContext(), second))).toMatchObject({ reason: 'EMAIL_TAKEN' });
  await service.users.createUser(testContext(), { ...second, email: registration().email, requestId: newId() });
});

test.each([
  ['Zo\u00eb_x', 'zoe\u0308_x'.normalize('NFC')],
  ['ＷＩＤＥ_x', 'wide_x'],
  ['straße_x', 'STRASSE_X'],
  ['ﬁnn_x', 'finn_x'],
  ['σίσυφος', 'ΣΊΣΥΦΟΣ'],
])('%s and %s are one name', async (name, variant) => {
  await service.users.createUser(testContext(), registration({ username: name }));
  const again = service.users.createUser(testContext(), registration({ username: variant }));
  expect(await refusal(again)).toMatchObject({ reason: 'USERNAME_TAKEN', details: { metadata: { username: variant } } });
});

test('a repeated request gets the first answer, from 20 at once as from one', { timeout: 90_000 }, async () => {
  const request = registration();
  const call = () => service.users.createUser(testContext({ timeoutMs: PATIENCE_MS }), request);
  const answers = await Promise.all(Array.from({ length: 20 }, call));
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(await call()).toEqual(answers[0]);
});

test('a request id does not serve another body, not even another password', async () => {
  const request = registration({ password: 'analytical engine' });
  await service.users.createUser(testContext(), request);
  for (const change of [{ bio: 'other' }, { password: 'difference engine' }, { username: registration().username }]) {
    const other = service.users.createUser(testContext(), { ...request, ...change });
    expect(await refusal(other)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'REQUEST_ID_REUSED' });
  }
});

test('a common password is refused, a short one breaks the schema', async () => {
  const common = service.users.createUser(testContext(), registration({ password: 'QWERTY123' }));
  expect(await refusal(common)).toMatchObject({ reason: 'PASSWORD_COMMON', details: { violations: [{ field: 'password' }] } });
  const short = service.users.createUser(testContext(), registration({ password: 'abc' }));
  expect(await refusal(short)).toMatchObject({ reason: 'INVALID_FIELD', details: { violations: [{ field: 'password' }] } });
});

test('neither a password nor an unsalted hash of it is stored, and the e-mail only where it belongs', async () => {
  const request = registration({ password: 'analytical engine' });
  const { user } = await service.users.createUser(testContext(), request);
  const { hash } = (await rowOf(keys.password(user!.userId)))!;
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  const pk = `RQ#anonymous#plaza.user.v1.UserService/CreateUser#${request.requestId}`;
  const row = await service.app.db.get(testContext(), usersTable, { pk, sk: 'RQ' });
  expect(row!['reply']).toEqual({ userId: user!.userId, createdAt: user!.createTime!.getTime() });
});

test('UserCreated reaches a consumer', async () => {
  const bus = testerBus(service.config);
  const deadLetters = createDeadLetterStore(service.app.db, usersTable);
  const consumers = createConsumers({ bus, service: 'test', deadLetters, log: silentLog, metrics: noMetrics });
  const seen: unknown[] = [];
  consumers.on(userCreated, {
    durable: 'test',
    handle: async (_ctx, payload, { version }) => void seen.push({ payload, version }),
  });
  consumers.start();
  const { user } = await service.users.createUser(testContext(), registration());
  const { userId, username, createTime } = user!;
  await eventually(() => expect(seen).toContainEqual({ payload: { userId, username, createTime }, version: 1 }));
  await consumers.close();
  await bus.close();
});

const rowOf = (key: { pk: string; sk: string }) => service.app.db.get(testContext(), usersTable, key);
