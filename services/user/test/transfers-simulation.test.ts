import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb, put } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { newTransfer } from '../src/domain/transfer.ts';
import { emptyWallet } from '../src/domain/wallet.ts';
import { keys, usersTable } from '../src/store/table.ts';
import { createTransferStore } from '../src/store/transfer-store.ts';
import { createWalletStore } from '../src/store/wallet-store.ts';
import { dice, followAll, rolledFaults } from './dice.ts';
import { auditTransfers, auditWallets } from './money-audit.ts';
import { settled } from './settled.ts';

const USERS = Array.from({ length: 20 }, (_, i) => `user${i}`);
/** Little enough that many are refused. */
const GIFT = 1000;

test('ten thousand racing transfers among twenty wallets make and lose no money', { timeout: 120_000 }, async () => {
  const racing = fc.assert(fc.asyncProperty(dice, race(10_000)), { numRuns: 1 });
  await expect(racing).resolves.toBeUndefined();
});

test('however five hundred race, they make and lose no money', { timeout: 120_000 }, async () => {
  await expect(followAll(20, dice, race(500))).resolves.toBeUndefined();
});

const race =
  (count: number) =>
  async (dice: fc.Stream<number>): Promise<void> => {
    const roll = () => dice.next().value;
    const { faults, storm, calm } = rolledFaults(roll);
    const db = createMemoryDb({ faults });
    const wallets = createWalletStore({ db, now: Date.now });
    for (const userId of USERS) {
      await db.write(testContext(), put(usersTable, { ...keys.wallet(userId), ...emptyWallet(userId) }));
      const gift = mutationOf(testContext(), newId(), {});
      await wallets.credit(testContext(), gift, userId, { currency: 'EUR', minor: GIFT }, 'gift');
    }
    const transfers = createTransferStore({ db, relay: { nudge: () => undefined } });
    storm();

    const made = new Map<string, string>();
    const pay = async (fromUserId: string, lane: number) => {
      const others = USERS.toSpliced(lane, 1);
      const wish = { fromUserId, toUserId: others[roll() % others.length]!, note: '' };
      const mutation = mutationOf(testContext(), newId(), wish);
      const amount = { currency: 'EUR', minor: 1 + roll() * 5 };
      // Each try is a transfer of another id, of which only the first may ever be answered.
      const once = () => settled(() => transfers.make(testContext(), mutation, newTransfer(newId(), wish, amount, Date.now())));
      const ends = await Promise.all(Array.from({ length: 1 + (roll() % 2) }, once));
      const answers = ends.flatMap(({ answer }) => answer ?? []);
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      for (const { end } of ends) expect(['ok', 'INSUFFICIENT_FUNDS']).toContain(end);
      if (answers[0]) made.set(mutation.id, answers[0].transferId);
      const later = answers[0] && roll() < 20 ? (await once()).answer : answers[0];
      expect(later).toEqual(answers[0]);
    };
    const spree = async (userId: string, lane: number) => {
      for (let i = 0; i < count / USERS.length; i++) await pay(userId, lane);
    };
    await Promise.all(USERS.map(spree));
    calm();

    expect((await auditTransfers(db, USERS)).toSorted()).toEqual([...made.values()].toSorted());
    expect(await auditWallets(db, USERS, [])).toBe(GIFT * USERS.length);
  };
