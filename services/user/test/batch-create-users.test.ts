import { newId } from '@plaza/core';
import { ErrorInfo } from '@plaza/proto/google/rpc/error_details';
import type { BatchCreateUsersResult, CreateUserRequest } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, usersTable } from '../src/store/table.ts';
import { refusal, registration } from './builders.ts';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('25 people are registered in the order of the request, each with a wallet', async () => {
  const requests = Array.from({ length: 25 }, () => registration());
  const results = await create(requests);
  expect(results.map(nameOf)).toEqual(requests.map(({ username }) => username));
  const ids = results.map(({ result }) => (result?.$case === 'user' ? result.value.userId : ''));
  const wallets = await service.app.db.batchGet(testContext(), usersTable, ids.map(keys.wallet));
  expect(wallets.map((wallet) => wallet?.['balance'])).toEqual(ids.map(() => 0));
});

test('each is refused or registered by itself', async () => {
  const taken = registration();
  await create([taken]);
  const good = registration();
  const twin = registration({ username: good.username.toUpperCase() });
  const results = await create([
    registration({ username: taken.username }),
    good,
    twin,
    registration({ email: taken.email }),
    registration({ password: 'password123' }),
    registration({ password: 'analytical engine' }),
  ]);
  expect(results.map(reasonOf)).toEqual(['USERNAME_TAKEN', 'ok', 'USERNAME_TAKEN', 'EMAIL_TAKEN', 'PASSWORD_COMMON', 'ok']);
  expect(await service.app.db.get(testContext(), usersTable, keys.email(twin.email))).toBeUndefined();
});

test('a repeated batch gets the first answers, also when only a part of it was done', async () => {
  const requests = Array.from({ length: 20 }, () => registration());
  const part = await create(requests.slice(5, 9));
  const all = await create(requests);
  expect(all.slice(5, 9)).toEqual(part);
  expect(await create(requests)).toEqual(all);
});

test('one request twice in a batch is one registration; one request id for two is a mistake', async () => {
  const request = registration();
  const results = await create([request, request, registration({ requestId: request.requestId })]);
  expect(results.map(reasonOf)).toEqual(['ok', 'ok', 'REQUEST_ID_REUSED']);
  expect(results[1]).toEqual(results[0]);
});

test('four imports at once that share names give each name once', async () => {
  const names = Array.from({ length: 15 }, () => registration().username);
  const batches = await Promise.all(Array.from({ length: 4 }, () => create(names.map((username) => registration({ username })))));
  for (const i of names.keys()) {
    const reasons = batches.map((results) => reasonOf(results[i]!));
    expect(reasons.toSorted()).toEqual(['USERNAME_TAKEN', 'USERNAME_TAKEN', 'USERNAME_TAKEN', 'ok']);
  }
});

test('only admins import; the batch is bounded; a broken item is named by its path', async () => {
  const users = [registration()];
  for (const ctx of [testContext(), asUser(newId()), asService('order')])
    expect(await refusal(service.users.batchCreateUsers(ctx, { users }))).toMatchObject({ details: { domain: 'plaza' } });
  const many = service.users.batchCreateUsers(asAdmin(), { users: Array.from({ length: 26 }, () => registration()) });
  expect(await refusal(many)).toMatchObject({ reason: 'INVALID_FIELD' });
  const broken = service.users.batchCreateUsers(asAdmin(), { users: [registration(), registration({ email: 'nobody' })] });
  expect(await refusal(broken)).toMatchObject({ details: { violations: [{ field: 'users[1].email' }] } });
});

const create = async (users: CreateUserRequest[]): Promise<BatchCreateUsersResult[]> =>
  (await service.users.batchCreateUsers(asAdmin(25_000), { users })).results;

const nameOf = ({ result }: BatchCreateUsersResult) => (result?.$case === 'user' ? result.value.username : reasonOf({ result }));

const reasonOf = ({ result }: BatchCreateUsersResult): string =>
  result?.$case === 'error' ? ErrorInfo.decode(result.value.details[0]!.value).reason : 'ok';
