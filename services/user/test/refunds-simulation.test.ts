import { mutationOf, newId } from '@plaza/core';
import { createMemoryDb, put } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { newHold } from '../src/domain/hold.ts';
import { newTransfer } from '../src/domain/transfer.ts';
import { emptyWallet } from '../src/domain/wallet.ts';
import { createHoldStore } from '../src/store/hold-store.ts';
import { createRefundStore } from '../src/store/refund-store.ts';
import { keys, usersTable } from '../src/store/table.ts';
import { createTransferStore } from '../src/store/transfer-store.ts';
import { createWalletStore } from '../src/store/wallet-store.ts';
import { dice, followAll, rolledFaults } from './dice.ts';
import { auditRefunds, auditWallets, everCredited } from './money-audit.ts';
import { settled } from './settled.ts';

const USERS = ['buyer', 'shop', 'press'];
const ORDER = 'order';
const euro = (minor: number) => ({ currency: 'EUR', minor });
const PAYOUTS = [
  { userId: 'shop', ...euro(12) },
  { userId: 'press', ...euro(8) },
];

const parts = fc.constantFrom(
  [{ userId: 'shop', ...euro(5) }],
  [{ userId: 'shop', ...euro(7) }],
  [{ userId: 'press', ...euro(4) }],
  PAYOUTS,
);
const step = fc.oneof(
  // Few ids, so that one refund is asked for by several clients, with these parts and with others.
  { weight: 4, arbitrary: fc.record({ do: fc.constant('refund' as const), id: fc.nat(4), parts }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('spend' as const), minor: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('earn' as const), minor: fc.integer({ min: 1, max: 12 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Refund = Extract<Step, { do: 'refund' }>;

const schedules = fc.record({
  dice,
  clients: fc.array(fc.array(step, { minLength: 1, maxLength: 5, size: 'max' }), { minLength: 2, maxLength: 4, size: 'max' }),
});

test(
  'refunds that race take back what an order brought at most, and the first verdict on each stands',
  { timeout: 120_000 },
  () =>
    followAll(600, schedules, async ({ dice, clients }) => {
      const world = await captured(() => dice.next().value);
      const done = (await Promise.all(clients.map((steps) => play(world, steps)))).flat();
      world.calm();
      expect(await auditWallets(world.db, USERS, [ORDER])).toBe(await everCredited(world.db));

      const verdicts = new Map<string, Set<string>>();
      const made = new Set<string>();
      for (const { step, end } of done) {
        if (step.do !== 'refund') continue;
        const asked = JSON.stringify([step.id, step.parts]);
        verdicts.set(asked, (verdicts.get(asked) ?? new Set()).add(end));
        if (end === 'ok') made.add(refundIdOf(step));
      }
      for (const [asked, ends] of verdicts) expect([...ends], `ends of ${asked}`).toHaveLength(1);
      expect((await auditRefunds(world.db, USERS, [ORDER])).toSorted()).toEqual([...made].sort());
    }),
);

/** An order of twenty cents that was captured, before any fault. */
const captured = async (roll: () => number) => {
  const { faults, storm, calm } = rolledFaults(roll);
  const db = createMemoryDb({ faults });
  const now = Date.now;
  const rows = USERS.map((userId) => put(usersTable, { ...keys.wallet(userId), ...emptyWallet(userId) }));
  await db.transact(testContext(), rows);
  const wallets = createWalletStore({ db, now });
  const holds = createHoldStore({ db, now });
  const refunds = createRefundStore({ db, now });
  const transfers = createTransferStore({ db, relay: { nudge: () => undefined } });
  const once = () => mutationOf(testContext(), newId(), {});
  await wallets.credit(testContext(), once(), 'buyer', euro(20), 'gift');
  await holds.place(testContext(), once(), newHold(ORDER, 'buyer', euro(20)));
  await holds.capture(testContext(), once(), ORDER, PAYOUTS);
  storm();

  const act = async (step: Step, requestId: string): Promise<unknown> => {
    const mutation = mutationOf(testContext(), requestId, step);
    if (step.do === 'refund') return refunds.make(testContext(), mutation, ORDER, refundIdOf(step), step.parts);
    if (step.do === 'earn') return wallets.credit(testContext(), mutation, 'shop', euro(step.minor), 'gift');
    const transfer = newTransfer(mutation.id, { fromUserId: 'shop', toUserId: 'press', note: '' }, euro(step.minor), now());
    return transfers.make(testContext(), mutation, transfer);
  };
  return { db, act, calm };
};

const play = async ({ act }: Awaited<ReturnType<typeof captured>>, steps: readonly Step[]) => {
  const ends: { step: Step; end: string }[] = [];
  for (const step of steps) {
    const requestId = newId();
    ends.push({ step, end: (await settled(() => act(step, requestId))).end });
  }
  return ends;
};

const refundIdOf = ({ id }: Refund): string => `r${id}`;
