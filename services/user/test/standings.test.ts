import { userClients, type UserClients } from '@plaza/clients';
import { newId, noMetrics, silentLog } from '@plaza/core';
import { asAdmin, asUser, testKeys } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { people, refusal } from './builders.ts';
import { startService, type Service } from './service.ts';

// What the graph goes by is told before whoever changed it is answered.
let service: Service;
/** Repeats nothing. */
let raw: UserClients;
beforeAll(async () => {
  service = await startService();
  raw = userClients({ address: service.address, token: testKeys().tokenOf, log: silentLog, metrics: noMetrics });
});
afterEach(() => {
  service.away.graph = false;
});
afterAll(async () => {
  raw?.close();
  await service?.close();
});

const person = async () => ({ userId: (await people(service, 1))[0]! });
const told = (userId: string) => service.standings.get(userId);
const setPrivate = (userId: string, isPrivate: boolean, requestId = newId(), users = service.users) =>
  users.updateUser(asUser(userId), { userId, changes: { isPrivate }, updateMask: ['is_private'], requestId });

const UNTOLD = { code: 'UNAVAILABLE', reason: 'PEER_UNAVAILABLE', message: expect.stringContaining('the same request_id') };

test('going private and public, leaving and coming back are told, each with the version of the profile', async () => {
  const { userId } = await person();
  await setPrivate(userId, true);
  expect(told(userId)).toEqual({ userId, version: 2n, isPrivate: true, gone: false });
  await service.users.deleteUser(asUser(userId), { userId, requestId: newId() });
  expect(told(userId)).toEqual({ userId, version: 3n, isPrivate: true, gone: true });
  await service.users.undeleteUser(asAdmin(), { userId, requestId: newId() });
  expect(told(userId)).toEqual({ userId, version: 4n, isPrivate: true, gone: false });
  await setPrivate(userId, false);
  expect(told(userId)).toEqual({ userId, version: 5n, isPrivate: false, gone: false });
});

test('what says nothing of how a person stands is told to nobody', async () => {
  const { userId } = await person();
  service.away.graph = true;
  await service.users.updateUser(asUser(userId), { userId, changes: { bio: 'x' }, updateMask: ['bio'], requestId: newId() });
  expect(told(userId)).toBeUndefined();
});

test('while the graph is away the change stands unacknowledged, and its repetition tells it', async () => {
  const { userId } = await person();
  const requestId = newId();
  service.away.graph = true;
  expect(await refusal(setPrivate(userId, true, requestId, raw.users))).toMatchObject(UNTOLD);
  const { user } = await service.users.getUser(asUser(userId), { by: { $case: 'userId', value: userId } });
  expect(user).toMatchObject({ isPrivate: true, etag: '2' });
  expect(told(userId)).toBeUndefined();
  service.away.graph = false;
  expect((await setPrivate(userId, true, requestId)).user).toMatchObject({ isPrivate: true, etag: '2' });
  expect(told(userId)).toMatchObject({ version: 2n, isPrivate: true });
});

test('so it is with leaving and coming back', async () => {
  const { userId } = await person();
  const [left, back] = [newId(), newId()];
  const leave = (users = service.users) => users.deleteUser(asAdmin(), { userId, requestId: left });
  const restore = (users = service.users) => users.undeleteUser(asAdmin(), { userId, requestId: back });
  service.away.graph = true;
  expect(await refusal(leave(raw.users))).toMatchObject(UNTOLD);
  service.away.graph = false;
  await leave();
  expect(told(userId)).toMatchObject({ version: 2n, gone: true });
  service.away.graph = true;
  expect(await refusal(restore(raw.users))).toMatchObject(UNTOLD);
  service.away.graph = false;
  await restore();
  expect(told(userId)).toMatchObject({ version: 3n, gone: false });
});
