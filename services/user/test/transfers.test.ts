import { newId } from '@plaza/core';
import { update } from '@plaza/dynamo';
import { LedgerKind } from '@plaza/proto/plaza/user/v1/wallet_service';
import { asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { keys, usersTable } from '../src/store/table.ts';
import { euro, people, refusal } from './builders.ts';
import { auditWallets } from './money-audit.ts';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('a transfer moves money and is written in both ledgers', async () => {
  const [ada, bob] = (await people(service, 2, 10)) as [string, string];
  const { transfer } = await give(ada, bob, euro(3, 50), { note: 'lunch' });
  expect(transfer).toMatchObject({ fromUserId: ada, toUserId: bob, amount: euro(3, 50) });
  expect(await balanceOf(ada)).toEqual(euro(6, 50));
  expect(await balanceOf(bob)).toEqual(euro(13, 50));

  const entry = { kind: LedgerKind.TRANSFER, reference: transfer!.transferId, note: 'lunch', createTime: transfer!.createTime };
  const { entries } = await service.wallets.listLedgerEntries(asUser(ada), { userId: ada });
  expect(entries).toMatchObject([
    { ...entry, amount: { currencyCode: 'EUR', units: -3n, nanos: -500_000_000 }, counterpartyId: bob },
    { kind: LedgerKind.CREDIT, amount: euro(10), reference: 'gift', counterpartyId: '', note: '' },
  ]);
  expect((await service.wallets.listLedgerEntries(asAdmin(), { userId: bob })).entries[0]).toMatchObject({
    ...entry,
    amount: euro(3, 50),
    counterpartyId: ada,
  });
  expect(await auditWallets(service.app.db, [ada, bob], [])).toBe(2000);
});

test('a repeated request gets the first transfer and moves nothing; its id is good for no other', async () => {
  const [ada, bob, cyd] = (await people(service, 3, 10)) as [string, string, string];
  const request = { fromUserId: ada, toUserId: bob, amount: euro(9), note: 'rent', requestId: newId() };
  const first = await service.wallets.transferBalance(asUser(ada), request);
  await give(bob, ada, euro(1));
  expect(await service.wallets.transferBalance(asUser(ada), request)).toEqual(first);
  expect(await balanceOf(ada)).toEqual(euro(2));
  for (const other of [{ amount: euro(1) }, { toUserId: cyd }, { note: 'gift' }])
    expect(await refusal(service.wallets.transferBalance(asUser(ada), { ...request, ...other }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'REQUEST_ID_REUSED',
    });
});

test('two at the same moment with one request id are one transfer', async () => {
  const [ada, bob] = (await people(service, 2, 10)) as [string, string];
  const requestId = newId();
  const [one, other] = await Promise.all([give(ada, bob, euro(6), { requestId }), give(ada, bob, euro(6), { requestId })]);
  expect(one).toEqual(other);
  expect(await balanceOf(bob)).toEqual(euro(16));
});

test.each([
  ['zero', euro(0)],
  ['negative', euro(-1)],
  ['finer than a cent', { currencyCode: 'EUR', units: 1n, nanos: 1 }],
  ['of two signs', { currencyCode: 'EUR', units: 1n, nanos: -10_000_000 }],
  ['of another currency', { currencyCode: 'USD', units: 1n, nanos: 0 }],
  ['of no currency', { currencyCode: 'XXX', units: 1n, nanos: 0 }],
  ['the largest there is', { currencyCode: 'EUR', units: 9_223_372_036_854_775_807n, nanos: 999_999_999 }],
  ['the least there is', { currencyCode: 'EUR', units: -9_223_372_036_854_775_808n, nanos: -999_999_999 }],
  ['of too many nanos', { currencyCode: 'EUR', units: 0n, nanos: 2_147_483_647 }],
])('an amount that is %s is refused', async (_, amount) => {
  const [ada, bob] = (await people(service, 2, 10)) as [string, string];
  expect(await refusal(give(ada, bob, amount))).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'AMOUNT_INVALID',
    details: { domain: 'plaza.user', violations: [{ field: 'amount' }] },
  });
});

test('nobody gives to themselves', async () => {
  const [ada] = (await people(service, 1, 10)) as [string];
  expect(await refusal(give(ada, ada, euro(1)))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'SELF_TRANSFER' });
});

test('what is held or was never there cannot be given', async () => {
  const [ada, bob] = (await people(service, 2, 10)) as [string, string];
  const hold = { orderId: newId(), userId: ada, amount: euro(4), requestId: newId() };
  await service.wallets.placeHold(asService('order'), hold);
  expect(await refusal(give(ada, bob, euro(6, 1)))).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'INSUFFICIENT_FUNDS',
    details: { domain: 'plaza.user', metadata: { available: '600', asked: '601' } },
  });
  await give(ada, bob, euro(6));
  expect(await auditWallets(service.app.db, [ada, bob], [hold.orderId])).toBe(2000);
});

test('a stranger, or someone who was deleted, neither gives nor takes, and both look the same', async () => {
  const [ada, gone] = (await people(service, 2, 10)) as [string, string];
  await service.users.deleteUser(asAdmin(), { userId: gone, requestId: newId() });
  const none = { code: 'NOT_FOUND', reason: 'USER_NOT_FOUND', message: 'no such user' };
  // More than ada has: her funds are not told to one who asks for somebody who is not there.
  for (const other of [gone, newId()]) {
    expect(await refusal(give(ada, other, euro(11)))).toMatchObject(none);
    expect(await refusal(give(other, ada, euro(1)))).toMatchObject(none);
  }
  await service.users.undeleteUser(asAdmin(), { userId: gone, requestId: newId() });
  await give(gone, ada, euro(10));
  expect(await balanceOf(ada)).toEqual(euro(20));
});

test('a wallet is never filled beyond what can be counted', async () => {
  const [ada, rich] = (await people(service, 2, 10)) as [string, string];
  const balance = Number.MAX_SAFE_INTEGER - 100;
  const filled = { balance, available: balance };
  await service.app.db.write(testContext(), update(usersTable, keys.wallet(rich), { set: filled }));
  expect(await refusal(give(ada, rich, euro(1, 1)))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'AMOUNT_INVALID' });
  await give(ada, rich, euro(1));
  expect((await service.wallets.getWallet(asAdmin(), { userId: rich })).wallet?.balance).toEqual({
    currencyCode: 'EUR',
    units: 90_071_992_547_409n,
    nanos: 910_000_000,
  });
});

test('money goes out by its owner or by the order service, and by nobody else', async () => {
  const [ada, bob] = (await people(service, 2, 10)) as [string, string];
  const request = { fromUserId: ada, toUserId: bob, amount: euro(1) };
  for (const ctx of [asUser(ada), asService('order'), asService('order', ada)])
    await service.wallets.transferBalance(ctx, { ...request, requestId: newId() });
  const denied = { code: 'PERMISSION_DENIED', reason: 'POLICY_DENIED' };
  for (const ctx of [asUser(bob), asAdmin(), asService('feed'), asService('feed', ada)])
    expect(await refusal(service.wallets.transferBalance(ctx, { ...request, requestId: newId() }))).toMatchObject(denied);
  const forAnother = service.wallets.transferBalance(asService('order', bob), { ...request, requestId: newId() });
  expect(await refusal(forAnother)).toMatchObject({ code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' });
  expect(await refusal(service.wallets.transferBalance(testContext(), request))).toMatchObject({ code: 'UNAUTHENTICATED' });

  for (const ctx of [asUser(bob), asService('order')])
    expect(await refusal(service.wallets.listLedgerEntries(ctx, { userId: ada }))).toMatchObject(denied);
  expect(await balanceOf(ada)).toEqual(euro(7));
});

test('a ledger is read in pages, newest first, missing and repeating nothing while entries arrive', async () => {
  const [ada, bob] = (await people(service, 2, 10)) as [string, string];
  const sent: string[] = [];
  const pay = async () => void sent.push((await give(ada, bob, euro(0, 1))).transfer!.transferId);
  for (let i = 0; i < 7; i++) await pay();
  const orderId = newId();
  await service.wallets.placeHold(asService('order'), { orderId, userId: ada, amount: euro(1), requestId: newId() });
  const payouts = [{ userId: bob, amount: euro(1) }];
  await service.wallets.captureHold(asService('order'), { orderId, payouts, requestId: newId() });
  const expected = ['gift', ...sent, orderId].toReversed();

  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await service.wallets.listLedgerEntries(asUser(bob), { userId: bob, pageSize: 2, pageToken });
    seen.push(...page.entries.map(({ reference }) => reference));
    expect(page.entries.length).toBeLessThanOrEqual(2);
    ({ nextPageToken: pageToken } = page);
    await pay();
  } while (pageToken !== '');
  expect(seen).toEqual(expected);

  const { entries, nextPageToken } = await service.wallets.listLedgerEntries(asUser(bob), { userId: bob, pageSize: 1 });
  expect(entries).toMatchObject([{ reference: sent.at(-1), counterpartyId: ada }]);
  const invalid = { code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' };
  for (const [ctx, userId, token] of [
    [asUser(ada), ada, nextPageToken],
    [asAdmin(), bob, nextPageToken],
    [asUser(bob), bob, `${nextPageToken.slice(0, -1)}_`],
  ] as const)
    expect(await refusal(service.wallets.listLedgerEntries(ctx, { userId, pageToken: token }))).toMatchObject(invalid);
});

test('who has no wallet has no ledger; who has no entries has an empty one', async () => {
  const [ada] = (await people(service, 1)) as [string];
  expect(await service.wallets.listLedgerEntries(asUser(ada), { userId: ada })).toEqual({ entries: [], nextPageToken: '' });
  const stranger = service.wallets.listLedgerEntries(asAdmin(), { userId: newId() });
  expect(await refusal(stranger)).toMatchObject({ code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' });
});

const give = (
  fromUserId: string,
  toUserId: string,
  amount: ReturnType<typeof euro>,
  extra: { note?: string; requestId?: string } = {},
) => service.wallets.transferBalance(asUser(fromUserId), { fromUserId, toUserId, amount, requestId: newId(), ...extra });

const balanceOf = async (userId: string) => (await service.wallets.getWallet(asAdmin(), { userId })).wallet?.balance;
