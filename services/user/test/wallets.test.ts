import { newId } from '@plaza/core';
import type { Wallet } from '@plaza/proto/plaza/user/v1/wallet_service';
import { asAdmin, asService, asUser } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { euro, people, refusal } from './builders.ts';
import { auditWallets } from './money-audit.ts';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const order = (userId?: string) => asService('order', userId);

test('who may do what is proven by the token', async () => {
  const [ada, bob] = (await people(service, 2, 10)) as [string, string];
  const read = { userId: ada };
  for (const ctx of [asUser(ada), asAdmin(), order()]) await service.wallets.getWallet(ctx, read);
  const denied = { code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' };
  for (const ctx of [asUser(bob), asService('feed'), asService('feed', ada)])
    expect(await refusal(service.wallets.getWallet(ctx, read))).toMatchObject(denied);

  const hold = { orderId: newId(), userId: ada, amount: euro(1), requestId: newId() };
  for (const ctx of [asService('feed', ada), asUser(ada), asAdmin()])
    expect(await refusal(service.wallets.placeHold(ctx, hold))).toMatchObject(denied);
  expect(await refusal(service.wallets.placeHold(order(bob), hold))).toMatchObject({ reason: 'USER_NOT_FOUND' });
  await service.wallets.placeHold(order(ada), hold);
  expect(
    await refusal(service.wallets.creditWallet(order(), { userId: ada, amount: euro(1), requestId: newId() })),
  ).toMatchObject(denied);
});

test('a credit answers the wallet after it, again and again the same', async () => {
  const [ada] = (await people(service, 1)) as [string];
  const request = { userId: ada, amount: euro(12, 34), reason: 'gift', requestId: newId() };
  const first = await service.wallets.creditWallet(asAdmin(), request);
  expect(first.wallet).toEqual({ userId: ada, balance: euro(12, 34), available: euro(12, 34), held: euro(0) });
  await service.wallets.creditWallet(asAdmin(), { ...request, requestId: newId() });
  expect(await service.wallets.creditWallet(asAdmin(), request)).toEqual(first);
  expect((await walletOf(ada)).balance).toEqual(euro(24, 68));
  const reused = service.wallets.creditWallet(asAdmin(), { ...request, amount: euro(13) });
  expect(await refusal(reused)).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
});

test.each([
  ['zero', euro(0)],
  ['negative', euro(-1)],
  ['too large', euro(1_000_001)],
  ['far too large', { currencyCode: 'EUR', units: 9_223_372_036_854_775_807n, nanos: 0 }],
  ['finer than a cent', { currencyCode: 'EUR', units: 1n, nanos: 1 }],
  ['of two signs', { currencyCode: 'EUR', units: 1n, nanos: -10_000_000 }],
  ['of another currency', { currencyCode: 'USD', units: 1n, nanos: 0 }],
  ['of no currency', { currencyCode: 'XXX', units: 1n, nanos: 0 }],
])('an amount that is %s is refused', async (_, amount) => {
  const [ada] = (await people(service, 1)) as [string];
  const invalid = { code: 'INVALID_ARGUMENT', reason: 'AMOUNT_INVALID', details: { violations: [{ field: 'amount' }] } };
  const requestId = newId();
  expect(await refusal(service.wallets.creditWallet(asAdmin(), { userId: ada, amount, requestId }))).toMatchObject(invalid);
});

test.each([
  ['zero', euro(0)],
  ['negative', euro(-1)],
  ['finer than a cent', { currencyCode: 'EUR', units: 1n, nanos: 1 }],
  ['of another currency', { currencyCode: 'USD', units: 1n, nanos: 0 }],
])('a hold of an amount that is %s is refused', async (_, amount) => {
  const [ada] = (await people(service, 1, 10)) as [string];
  const hold = service.wallets.placeHold(order(), { orderId: newId(), userId: ada, amount, requestId: newId() });
  expect(await refusal(hold)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'AMOUNT_INVALID' });
});

test('a stranger has no wallet', async () => {
  const userId = newId();
  const unknown = { code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' };
  expect(await refusal(service.wallets.getWallet(asAdmin(), { userId }))).toMatchObject(unknown);
  const credit = { userId, amount: euro(1), requestId: newId() };
  expect(await refusal(service.wallets.creditWallet(asAdmin(), credit))).toMatchObject(unknown);
  const hold = { orderId: newId(), userId, amount: euro(1), requestId: newId() };
  expect(await refusal(service.wallets.placeHold(order(), hold))).toMatchObject(unknown);
});

test('held money cannot be spent, and goes to the sellers on capture', async () => {
  const [ada, shop, press] = (await people(service, 3, 10)) as [string, string, string];
  const orderId = await held(ada, 8);
  expect(await walletOf(ada)).toMatchObject({ balance: euro(10), available: euro(2), held: euro(8) });
  const tooMuch = service.wallets.placeHold(order(), { orderId: newId(), userId: ada, amount: euro(2, 1), requestId: newId() });
  expect(await refusal(tooMuch)).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'INSUFFICIENT_FUNDS',
    details: { domain: 'plaza.user', metadata: { available: '200', asked: '201' } },
  });

  const payouts = [
    { userId: shop, amount: euro(5, 50) },
    { userId: press, amount: euro(2, 50) },
  ];
  const request = { orderId, payouts, requestId: newId() };
  await service.wallets.captureHold(order(), request);
  await service.wallets.captureHold(order(), request);
  await service.wallets.captureHold(order(), { ...request, requestId: newId() });
  expect(await walletOf(ada)).toMatchObject({ balance: euro(2), available: euro(2), held: euro(0) });
  expect((await walletOf(shop)).available).toEqual(euro(15, 50));
  expect((await walletOf(press)).available).toEqual(euro(12, 50));
  expect(await refusal(release(orderId))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'HOLD_CAPTURED' });
  expect(await auditWallets(service.app.db, [ada, shop, press], [orderId])).toBe(3000);
});

test('one order has one hold', async () => {
  const [ada, bob] = (await people(service, 2, 10)) as [string, string];
  const orderId = await held(ada, 4);
  const request = { orderId, userId: ada, amount: euro(4) };
  await service.wallets.placeHold(order(), { ...request, requestId: newId() });
  expect((await walletOf(ada)).held).toEqual(euro(4));
  for (const other of [{ amount: euro(5) }, { userId: bob }]) {
    const mismatch = service.wallets.placeHold(order(), { ...request, ...other, requestId: newId() });
    expect(await refusal(mismatch)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'HOLD_MISMATCH' });
  }
});

test('a release gives the money back once; one that comes first forbids the hold', async () => {
  const [ada, shop] = (await people(service, 2, 10)) as [string, string];
  const orderId = await held(ada, 4);
  const requestId = newId();
  await release(orderId, requestId);
  await release(orderId, requestId);
  await release(orderId);
  expect(await walletOf(ada)).toMatchObject({ available: euro(10), held: euro(0) });

  const early = newId();
  await release(early);
  const released = { code: 'FAILED_PRECONDITION', reason: 'HOLD_RELEASED' };
  for (const id of [orderId, early]) {
    const late = service.wallets.placeHold(order(), { orderId: id, userId: ada, amount: euro(4), requestId: newId() });
    expect(await refusal(late)).toMatchObject(released);
    expect(await refusal(capture(id, [{ userId: shop, amount: euro(4) }]))).toMatchObject(released);
  }
});

test('a capture pays what is held, to sellers with wallets, or nobody', async () => {
  const [ada, shop, press] = (await people(service, 3, 10)) as [string, string, string];
  const orderId = await held(ada, 4);
  const part = (userId: string, units: number) => ({ userId, amount: euro(units) });
  const wrong = { code: 'INVALID_ARGUMENT', reason: 'PAYOUTS_INVALID', details: { violations: [{ field: 'payouts' }] } };
  for (const payouts of [[part(shop, 3)], [part(shop, 5)], [part(shop, 2), part(shop, 2)], [part(shop, 2), part(ada, 2)]])
    expect(await refusal(capture(orderId, payouts))).toMatchObject(wrong);
  const stranger = newId();
  expect(await refusal(capture(orderId, [part(shop, 1), part(stranger, 3)]))).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'USER_NOT_FOUND',
    details: { metadata: { userId: stranger } },
  });
  expect(await refusal(capture(newId(), [part(shop, 4)]))).toMatchObject({ code: 'NOT_FOUND', reason: 'HOLD_NOT_FOUND' });
  expect((await walletOf(shop)).balance).toEqual(euro(10));
  await capture(orderId, [part(shop, 1), part(press, 3)]);
  expect(await refusal(capture(orderId, [part(shop, 4)]))).toMatchObject({ reason: 'PAYOUTS_INVALID' });
});

test('40 sellers fit into one capture', async () => {
  const [ada, ...shops] = [...(await people(service, 21, 100)), ...(await people(service, 20))];
  const orderId = await held(ada!, 40);
  await capture(
    orderId,
    shops.map((userId) => ({ userId, amount: euro(1) })),
  );
  expect((await walletOf(shops.at(-1)!)).available).toEqual(euro(1));
});

const walletOf = async (userId: string): Promise<Wallet> => (await service.wallets.getWallet(asAdmin(), { userId })).wallet!;

const held = async (userId: string, euros: number): Promise<string> => {
  const orderId = newId();
  await service.wallets.placeHold(order(userId), { orderId, userId, amount: euro(euros), requestId: newId() });
  return orderId;
};

const capture = (orderId: string, payouts: { userId: string; amount: ReturnType<typeof euro> }[]) =>
  service.wallets.captureHold(order(), { orderId, payouts, requestId: newId() });

const release = (orderId: string, requestId = newId()) => service.wallets.releaseHold(order(), { orderId, requestId });
