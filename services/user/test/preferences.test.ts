import { newId } from '@plaza/core';
import { asAdmin, asService, asUser } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { people, refusal } from './builders.ts';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('nothing is shared until a person says so', async () => {
  const ada = await person();
  expect(await read(ada)).toEqual({ preferences: { sharePurchases: false }, etag: '0' });
  expect(await share(ada, true)).toEqual({ preferences: { sharePurchases: true }, etag: '1' });
  expect(await read(ada)).toEqual({ preferences: { sharePurchases: true }, etag: '1' });
  expect(await share(ada, false)).toEqual({ preferences: { sharePurchases: false }, etag: '2' });
});

test('an etag is for one version, also for the first; without one every change lands', async () => {
  const ada = await person();
  const mismatch = (etag: string) => ({ code: 'ABORTED', reason: 'ETAG_MISMATCH', details: { metadata: { etag } } });
  expect(await refusal(share(ada, true, { etag: '1' }))).toMatchObject(mismatch('0'));
  await share(ada, true, { etag: '0' });
  expect(await refusal(share(ada, false, { etag: '0' }))).toMatchObject(mismatch('1'));
  await Promise.all(Array.from({ length: 6 }, (_, i) => share(ada, i % 2 === 0)));
  expect((await read(ada)).etag).toBe('7');
});

test('a repeated request gets the first answer', async () => {
  const ada = await person();
  const requestId = newId();
  const call = () => share(ada, true, { requestId });
  const [first, ...rest] = await Promise.all([call(), call(), call()]);
  for (const answer of rest) expect(answer).toEqual(first);
  await share(ada, false);
  expect(await call()).toEqual(first);
  expect((await read(ada)).preferences).toEqual({ sharePurchases: false });
  expect(await refusal(share(ada, false, { requestId }))).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
});

test.each([[[]], [['share_purchases', 'theme']], [['sharePurchases']]])('a mask of %o is refused', async (updateMask) => {
  const ada = await person();
  expect(await refusal(share(ada, true, { updateMask }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
});

test('preferences are their owner’s, and for the services that act by them', async () => {
  const [ada, bob] = [await person(), await person()];
  for (const ctx of [asUser(ada), asAdmin(), asService('order'), asService('feed')])
    expect((await service.users.getPreferences(ctx, { userId: ada })).etag).toBe('0');
  const denied = { reason: 'POLICY_DENIED' };
  for (const ctx of [asUser(bob), asService('product')])
    expect(await refusal(service.users.getPreferences(ctx, { userId: ada }))).toMatchObject(denied);
  const change = { userId: ada, preferences: {}, updateMask: ['share_purchases'], requestId: newId() };
  for (const ctx of [asUser(bob), asService('order', ada)])
    expect(await refusal(service.users.updatePreferences(ctx, change))).toMatchObject(denied);
  const nobody = newId();
  expect(await refusal(service.users.getPreferences(asAdmin(), { userId: nobody }))).toMatchObject({ reason: 'USER_NOT_FOUND' });
  const foreign = service.users.updatePreferences(asAdmin(), { ...change, userId: nobody });
  expect(await refusal(foreign)).toMatchObject({ code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' });
});

const person = async () => (await people(service, 1))[0]!;
const read = (userId: string) => service.users.getPreferences(asUser(userId), { userId });
const share = (
  userId: string,
  sharePurchases: boolean,
  more: { etag?: string; requestId?: string; updateMask?: string[] } = {},
) => {
  const change = { userId, preferences: { sharePurchases }, updateMask: ['share_purchases'], requestId: newId() };
  return service.users.updatePreferences(asUser(userId), { ...change, ...more });
};
