import { newId } from '@plaza/core';
import { LedgerKind } from '@plaza/proto/plaza/user/v1/wallet_service';
import { asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { euro, people, refusal } from './builders.ts';
import { auditRefunds, auditWallets } from './money-audit.ts';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const order = () => asService('order');
const patientOrder = () => testContext({ caller: { kind: 'service', service: 'order' }, timeoutMs: 30_000 });

test('a refund takes money from the sellers to the buyer, once, with both sides in the ledgers', async () => {
  const { buyer, shop, press, orderId } = await bought();
  const request = { orderId, refundId: newId(), parts: [part(shop, 5), part(press, 1)], requestId: newId() };
  await service.wallets.refundHold(order(), request);
  await service.wallets.refundHold(order(), request);
  await service.wallets.refundHold(order(), { ...request, requestId: newId(), parts: request.parts.toReversed() });
  expect(await balances(buyer, shop, press)).toEqual([euro(8), euro(0), euro(2)]);
  const { entries } = await service.wallets.listLedgerEntries(asUser(shop), { userId: shop });
  expect(entries[0]).toMatchObject({ kind: LedgerKind.REFUND, amount: euro(-5), reference: orderId });
  expect(await auditWallets(service.app.db, [buyer, shop, press], [orderId])).toBe(1000);
  expect(await auditRefunds(service.app.db, [buyer, shop, press], [orderId])).toEqual([request.refundId]);
});

test('what is not captured is not refunded, nor more than an order brought', async () => {
  const { buyer, shop, press, orderId } = await bought();
  const notFound = { code: 'NOT_FOUND', reason: 'HOLD_NOT_FOUND' };
  expect(await refusal(refund(newId(), [part(shop, 1)]))).toMatchObject(notFound);
  const early = newId();
  await hold(early, buyer, 2);
  const notCaptured = { code: 'FAILED_PRECONDITION', reason: 'HOLD_NOT_CAPTURED' };
  expect(await refusal(refund(early, [part(shop, 1)]))).toMatchObject(notCaptured);

  const invalid = { code: 'INVALID_ARGUMENT', reason: 'REFUND_INVALID', details: { violations: [{ field: 'parts' }] } };
  await refund(orderId, [part(shop, 3)]);
  for (const parts of [[part(shop, 3)], [part(press, 4)], [part(newId(), 1)], [part(press, 1), part(press, 1)]])
    expect(await refusal(refund(orderId, parts))).toMatchObject(invalid);
  const amount = { code: 'INVALID_ARGUMENT', reason: 'AMOUNT_INVALID', details: { violations: [{ field: 'parts[0].amount' }] } };
  expect(await refusal(refund(orderId, [part(shop, 0)]))).toMatchObject(amount);
  const refundId = newId();
  await refund(orderId, [part(press, 1)], refundId);
  expect(await refusal(refund(orderId, [part(press, 2)], refundId))).toMatchObject(invalid);
  expect(await balances(shop, press)).toEqual([euro(2), euro(2)]);
});

test('a seller who is short of money is named, nobody pays, and that refund stays refused', async () => {
  const { buyer, shop, press, orderId } = await bought();
  const transfer = { fromUserId: press, toUserId: buyer, amount: euro(2), requestId: newId() };
  await service.wallets.transferBalance(asUser(press), transfer);
  const refundId = newId();
  const parts = [part(shop, 5), part(press, 3)];
  const short = {
    code: 'FAILED_PRECONDITION',
    reason: 'INSUFFICIENT_FUNDS',
    details: { domain: 'plaza.user', metadata: { available: '100', asked: '300', user_id: press } },
  };
  expect(await refusal(refund(orderId, parts, refundId))).toMatchObject(short);
  expect(await balances(shop, press)).toEqual([euro(5), euro(1)]);
  await service.wallets.creditWallet(asAdmin(), { userId: press, amount: euro(9), reason: 'gift', requestId: newId() });
  expect(await refusal(refund(orderId, parts, refundId))).toMatchObject(short);
  await refund(orderId, parts);
  expect(await balances(shop, press)).toEqual([euro(0), euro(7)]);
});

test('wallets of people who are gone give and get back', async () => {
  const { buyer, shop, orderId } = await bought();
  for (const userId of [buyer, shop]) await service.users.deleteUser(asAdmin(), { userId, requestId: newId() });
  await refund(orderId, [part(shop, 5)]);
  expect(await auditWallets(service.app.db, [buyer, shop], [orderId])).toBe(700);
});

test('40 sellers fit into one refund, and racing refunds never take back too much', { timeout: 60_000 }, async () => {
  const [buyer, ...shops] = [...(await people(service, 21)), ...(await people(service, 20))];
  await service.wallets.creditWallet(asAdmin(), { userId: buyer!, amount: euro(80), reason: 'gift', requestId: newId() });
  const orderId = newId();
  await hold(orderId, buyer!, 80);
  const all = shops.map((userId) => part(userId, 2));
  await service.wallets.captureHold(order(), { orderId, payouts: all, requestId: newId() });
  await refund(
    orderId,
    shops.map((userId) => part(userId, 1)),
  );
  const [first] = shops as [string];
  const ends = await Promise.all(
    Array.from({ length: 4 }, () =>
      refusal(
        service.wallets.refundHold(patientOrder(), { orderId, refundId: newId(), parts: [part(first, 1)], requestId: newId() }),
      ),
    ),
  );
  expect(ends.filter((end) => end === 'no refusal')).toHaveLength(1);
  expect(ends.filter((end) => (end as { reason?: string }).reason === 'REFUND_INVALID')).toHaveLength(3);
  expect(await balances(buyer!, first)).toEqual([euro(41), euro(0)]);
});

const part = (userId: string, units: number) => ({ userId, amount: euro(units) });

const hold = (orderId: string, userId: string, euros: number) =>
  service.wallets.placeHold(order(), { orderId, userId, amount: euro(euros), requestId: newId() });

/** Ten euros of the buyer, of which two are left: five went to the shop, three to the press. */
const bought = async () => {
  const [shop, press] = (await people(service, 2)) as [string, string];
  const [buyer] = (await people(service, 1, 10)) as [string];
  const orderId = newId();
  await hold(orderId, buyer, 8);
  await service.wallets.captureHold(order(), { orderId, payouts: [part(shop, 5), part(press, 3)], requestId: newId() });
  return { buyer, shop, press, orderId };
};

const refund = (orderId: string, parts: ReturnType<typeof part>[], refundId = newId()) =>
  service.wallets.refundHold(order(), { orderId, refundId, parts, requestId: newId() });

const balances = (...userIds: string[]) =>
  Promise.all(userIds.map(async (userId) => (await service.wallets.getWallet(asAdmin(), { userId })).wallet!.balance));
