import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb, put, update } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { newHold } from '../domain/hold.ts';
import { emptyWallet } from '../domain/wallet.ts';
import { createHoldStore } from './hold-store.ts';
import { keys, usersTable } from './table.ts';

/** What only a defect can do to the table; which call then fails, naming which row. */
test.each([
  ['capture', { held: 19 }, 'buyer'],
  ['release', { held: 19 }, 'buyer'],
  ['capture', { currency: 'USD' }, 'seller'],
] as const)('%s after a defect left %o is neither a refusal nor a lost race', async (call, broken, of) => {
  const { db, act } = await world();
  await db.write(testContext(), update(usersTable, keys.wallet(of), { set: broken }));
  const error: unknown = await act(call).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'Error', message: expect.stringContaining(`W#${of}`) });
});

test('a reused request id and a seller without a wallet are refusals still', async () => {
  const { db, act } = await world();
  const requestId = newId();
  await act('release', requestId, 'another order');
  await expect(act('capture', requestId)).rejects.toMatchObject({ reason: 'REQUEST_ID_REUSED' });
  await db.batchWrite(testContext(), usersTable, { remove: [keys.wallet('seller')] });
  await expect(act('capture')).rejects.toMatchObject({ reason: 'USER_NOT_FOUND' });
});

/** Twenty cents of the buyer are held for the order. */
const world = async () => {
  const db = createMemoryDb();
  const wallets = ['buyer', 'seller'].map((userId) => ({ ...emptyWallet(userId), balance: 20, available: 20 }));
  await db.transact(
    testContext(),
    wallets.map((wallet) => put(usersTable, { ...keys.wallet(wallet.userId), ...wallet })),
  );
  const holds = createHoldStore({ db, now: Date.now });
  const amount = { currency: 'EUR', minor: 20 };
  const mutation = (requestId: string, body: object) => mutationOf(testContext(), requestId, body);
  await holds.place(testContext(), mutation(newId(), {}), newHold('order', 'buyer', amount));
  const act = (call: 'capture' | 'release', requestId = newId(), orderId = 'order'): Promise<void> =>
    call === 'release'
      ? holds.release(testContext(), mutation(requestId, { call, orderId }), orderId)
      : holds.capture(testContext(), mutation(requestId, { call, orderId }), orderId, [{ userId: 'seller', ...amount }]);
  return { db, act };
};
