import { newId } from '@plaza/core';
import { UserState } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, asService, asUser, eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { people, refusal, registration } from './builders.ts';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('people of one state are listed newest first, whatever the pages, while more register', { timeout: 60_000 }, async () => {
  const known = [...(await people(service, 25)), ...(await people(service, 22))].toSorted().toReversed();
  for (const pageSize of [1, 7, 46, 47, 100, 0]) {
    const listed: string[] = [];
    let pageToken = '';
    do {
      const page = await list(UserState.ACTIVE, pageSize, pageToken);
      expect(page.users.length).toBeLessThanOrEqual(pageSize || 20);
      listed.push(...page.users.map(({ userId }) => userId));
      // They are newer than all that is left, so they come to no page that is still to be read.
      if (pageSize === 7) await people(service, 1);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(listed.filter((userId) => known.includes(userId))).toEqual(known);
    expect(listed).toEqual([...new Set(listed)].toSorted().toReversed());
  }
});

test('each is listed by the present state alone', async () => {
  const [kept, gone, back] = (await people(service, 3)) as [string, string, string];
  for (const userId of [gone, back]) await service.users.deleteUser(asAdmin(), { userId, requestId: newId() });
  await service.users.undeleteUser(asAdmin(), { userId: back, requestId: newId() });
  const idsOf = async (state: UserState) => (await list(state, 100)).users.map(({ userId }) => userId);
  await eventually(async () => {
    const [active, deleted, purged] = [
      await idsOf(UserState.ACTIVE),
      await idsOf(UserState.DELETED),
      await idsOf(UserState.PURGED),
    ];
    expect(active).toEqual(expect.arrayContaining([kept, back]));
    expect(active).not.toContain(gone);
    expect([deleted, purged]).toEqual([[gone], []]);
  });
  const [user] = (await list(UserState.DELETED, 1)).users;
  expect(user).toMatchObject({ userId: gone, state: UserState.DELETED, email: expect.stringContaining('@') as string });
});

test('only admins list, and a page token is good for its list alone', async () => {
  for (const ctx of [testContext(), asUser(newId()), asService('feed')])
    expect(await refusal(service.users.listUsers(ctx, { state: UserState.ACTIVE }))).toMatchObject({
      details: { domain: 'plaza' },
    });
  await service.users.createUser(testContext(), registration());
  const { nextPageToken } = await list(UserState.ACTIVE, 1);
  for (const token of [`${nextPageToken}x`, nextPageToken.slice(1)])
    expect(await refusal(list(UserState.ACTIVE, 1, token))).toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
  expect(await refusal(list(UserState.DELETED, 1, nextPageToken))).toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
  for (const state of [UserState.UNSPECIFIED, 17 as UserState])
    expect(await refusal(list(state, 1))).toMatchObject({
      reason: 'INVALID_FIELD',
      details: { violations: [{ field: 'state' }] },
    });
  expect(await refusal(list(UserState.ACTIVE, 101))).toMatchObject({ reason: 'INVALID_FIELD' });
});

const list = (state: UserState, pageSize: number, pageToken = '') =>
  service.users.listUsers(asAdmin(), { state, pageSize, pageToken });
