import { mutationOf, newId, type Context, type Mutation } from '@plaza/core';
import { createMemoryDb, put, type Db } from '@plaza/dynamo';
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
import { auditRefunds, auditTransfers, auditWallets, everCredited } from './money-audit.ts';
import { settled } from './settled.ts';

const USERS = ['ada', 'bob', 'cyd'];
const ORDERS = ['o0', 'o1', 'o2', 'o3'];

const order = fc.nat(ORDERS.length - 1);
const step = fc.oneof(
  fc.record({ do: fc.constant('credit' as const), user: fc.nat(USERS.length - 1), minor: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ do: fc.constant('place' as const), order, minor: fc.constantFrom(20, 20, 20, 21) }),
  fc.record({ do: fc.constant('capture' as const), order, split: fc.constantFrom(0, 0, 5, 25) }),
  fc.record({ do: fc.constant('release' as const), order }),
  // Few ids, so that one refund is asked for by several clients, with these parts and with others.
  fc.record({ do: fc.constant('refund' as const), order, id: fc.nat(2), minor: fc.constantFrom(5, 12, 20), seller: fc.nat(1) }),
  fc.record({
    do: fc.constant('transfer' as const),
    user: fc.nat(USERS.length - 1),
    step: fc.constantFrom(1, 1, 2, 0),
    minor: fc.integer({ min: 1, max: 40 }),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const schedules = fc.record({ dice, clients: fc.array(fc.array(step, { maxLength: 8 }), { minLength: 2, maxLength: 4 }) });

test('no race, conflict, lost reply or repetition makes or loses money', { timeout: 120_000 }, () =>
  followAll(2000, schedules, async ({ dice, clients }) => {
    const world = await newWorld(() => dice.next().value);
    const done = (await Promise.all(clients.map((steps) => play(world, steps)))).flat();
    world.calm();

    const credited = await auditWallets(world.db, USERS, ORDERS);
    expect(credited, 'all entries sum to zero').toBe(await everCredited(world.db));
    const transferred = done.flatMap(({ step, end, id }) => (step.do === 'transfer' && end === 'ok' ? id : []));
    expect((await auditTransfers(world.db, USERS)).toSorted(), 'each acknowledged transfer once').toEqual(transferred.toSorted());
    const asked = done.map(({ step, end }) => (step.do === 'credit' && end === 'ok' ? step.minor : 0));
    expect(credited, 'each acknowledged credit once').toBe(asked.reduce((sum, minor) => sum + minor, 0));
    const refunded = new Set(done.flatMap(({ step, end }) => (step.do === 'refund' && end === 'ok' ? refundIdOf(step) : [])));
    expect((await auditRefunds(world.db, USERS, ORDERS)).toSorted(), 'each acknowledged refund once').toEqual(
      [...refunded].sort(),
    );
    for (const step of done.flatMap((one) => (one.step.do === 'refund' && one.end === 'INSUFFICIENT_FUNDS' ? one.step : [])))
      expect(refunded.has(refundIdOf(step)), 'refused and made').toBe(false);
    for (const index of ORDERS.keys()) {
      const ends = done.flatMap(({ step, end }) => ('order' in step && step.order === index && end === 'ok' ? step.do : []));
      expect(ends.includes('capture') && ends.includes('release'), 'captured and released').toBe(false);
    }
  }),
);

interface World {
  readonly db: Db;
  readonly act: (ctx: Context, mutation: Mutation, step: Step) => Promise<unknown>;
  readonly roll: () => number;
  /** Ends the faults. */
  readonly calm: () => void;
}

const newWorld = async (roll: () => number): Promise<World> => {
  const { faults, storm, calm } = rolledFaults(roll);
  const db = createMemoryDb({ faults });
  const rows = USERS.map((userId) => put(usersTable, { ...keys.wallet(userId), ...emptyWallet(userId) }));
  await db.transact(testContext(), rows);
  storm();
  const wallets = createWalletStore({ db, now: Date.now });
  const holds = createHoldStore({ db, now: Date.now });
  const refunds = createRefundStore({ db, now: Date.now });
  const transfers = createTransferStore({ db, relay: { nudge: () => undefined } });
  const give = async (ctx: Context, mutation: Mutation, { user, step, minor }: Extract<Step, { do: 'transfer' }>) => {
    const [fromUserId, toUserId] = [USERS[user]!, USERS[(user + step) % USERS.length]!];
    return transfers.make(ctx, mutation, newTransfer(mutation.id, { fromUserId, toUserId, note: '' }, euro(minor), Date.now()));
  };
  const act = (ctx: Context, mutation: Mutation, step: Step): Promise<unknown> => {
    if (step.do === 'transfer') return give(ctx, mutation, step);
    if (step.do === 'credit') return wallets.credit(ctx, mutation, USERS[step.user]!, euro(step.minor), 'gift');
    const orderId = ORDERS[step.order]!;
    const [buyer, shop, press] = [0, 1, 2].map((n) => USERS[(step.order + n) % USERS.length]!) as [string, string, string];
    if (step.do === 'place') return holds.place(ctx, mutation, newHold(orderId, buyer, euro(step.minor)));
    if (step.do === 'refund') {
      const parts = [{ userId: step.seller === 0 ? shop : press, ...euro(step.minor) }];
      return refunds.make(ctx, mutation, orderId, refundIdOf(step), parts);
    }
    if (step.do === 'release') return holds.release(ctx, mutation, orderId);
    const payouts = [
      { userId: shop, ...euro(20 - step.split) },
      { userId: press, ...euro(step.split) },
    ];
    return holds.capture(ctx, mutation, orderId, payouts.slice(0, step.split === 0 ? 1 : 2));
  };
  return { db, act, roll, calm };
};

/** One client: each step until it is definitely done or refused, and often once more, as after a reply lost on the way. */
const play = async ({ act, roll }: World, steps: readonly Step[]) => {
  const ends: { step: Step; id: string; end: string }[] = [];
  for (const step of steps) {
    const mutation = mutationOf(testContext(), newId(), step);
    const end = await settled(() => act(testContext(), mutation, step));
    if (end.end === 'ok' && roll() < 30) expect(await settled(() => act(testContext(), mutation, step))).toEqual(end);
    ends.push({ step, id: mutation.id, end: end.end });
  }
  return ends;
};

const refundIdOf = ({ order, id }: { order: number; id: number }) => `r${order}-${id}`;

const euro = (minor: number) => ({ currency: 'EUR', minor });
