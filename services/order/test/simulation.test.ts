import process from 'node:process';

import { isAppError, newId, type AppError } from '@plaza/core';
import { createMemoryDb, type Db, type Fault } from '@plaza/dynamo';
import { CreateOrderRequest, OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { asUser } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { orderTable } from '../src/store/table.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createPeers, peerAway, type Wire } from './peers.ts';
import { createProcess, eventsByOrder, gatedDb, type Process } from './world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 1500);
const BUYERS = [newId(), newId()];
const SELLERS = [newId(), newId()];
const [TEA, CUP] = [newId(), newId()];
const STOCK = { [TEA]: 2, [CUP]: 3 };
const MONEY = { [BUYERS[0]!]: 5000, [BUYERS[1]!]: 1500 };
const OFFERS = [
  { productId: TEA, sellerId: SELLERS[0]!, name: 'tea', price: { currency: 'EUR', minor: 700 } },
  { productId: CUP, sellerId: SELLERS[1]!, name: 'cup', price: { currency: 'EUR', minor: 450 } },
];
const ADDRESS = { name: 'Ada', lines: ['1 Row'], postalCode: '1', city: 'London', countryCode: 'GB' };
/** The test's own reads see no faults. */
const LOOKING = 'plaza.test/Test';
/** Longer than any lease or backoff. */
const LATER_MS = 20_000;

const buy = fc.record({
  kind: fc.constant('buy' as const),
  buyer: fc.nat({ max: 1 }),
  lines: fc.constantFrom(
    [{ productId: TEA, quantity: 1n }],
    [
      { productId: TEA, quantity: 1n },
      { productId: CUP, quantity: 2n },
    ],
  ),
  /** Sent again, to the other process, with the same request id. */
  again: fc.boolean(),
  /** Called off after so many turns of the others; 0 for never. */
  cancel: fc.oneof(fc.constant(0), fc.integer({ min: 3, max: 25 })),
});
const disturbance = fc.record({
  kind: fc.constant('disturb' as const),
  by: fc.constantFrom('poll' as const, 'expire' as const, 'later' as const),
});
const storeFault = fc.option(fc.constantFrom<Fault>('conflict', 'lost-reply', 'unreachable'), { nil: undefined, freq: 5 });
/** late: the caller hears that the peer is away, and the effect comes after all, at any later time. */
const wireFault = fc.option(fc.constantFrom('lost-reply' as const, 'unreachable' as const, 'late' as const), {
  nil: undefined,
  freq: 5,
});
/** After so many passages through its gates a process is killed. */
const life = fc.option(fc.nat({ max: 80 }), { nil: Number.POSITIVE_INFINITY, freq: 2 });
const schedule = fc.record({
  acts: fc.array(fc.oneof({ weight: 3, arbitrary: buy }, disturbance), { minLength: 1, maxLength: 5 }),
  storeFaults: fc.array(storeFault, { maxLength: 30 }),
  wireFaults: fc.array(wireFault, { maxLength: 30 }),
  lives: fc.tuple(life, life),
  scheduler: fc.scheduler(),
});
type Schedule = (typeof schedule extends fc.Arbitrary<infer T> ? T : never) & { noTombstones?: boolean };

const settles = (noTombstones: boolean) =>
  fc.asyncProperty(schedule, async (plan) => check(await play({ ...plan, noTombstones })));

test('every schedule of faults, crashes and races settles every order as its ledger says', { timeout: 600_000 }, async () => {
  expect.hasAssertions();
  await fc.assert(settles(false), { numRuns: RUNS });
});

test('a peer that forgets tombstones would be caught', { timeout: 600_000 }, async () => {
  expect((await fc.check(settles(true), { numRuns: 5000, endOnFailure: true })).failed).toBe(true);
});

interface Answer {
  readonly requestId: string;
  readonly buyer: string;
  readonly orderId?: string;
  readonly state?: string;
  readonly refused?: AppError;
}

interface Played {
  readonly db: Db;
  readonly ledger: Ledger;
  readonly answers: Answer[];
}

const play = async (plan: Schedule): Promise<Played> => {
  const { acts, scheduler } = plan;
  const storeFaults = [...plan.storeFaults];
  const wireFaults = [...plan.wireFaults];
  const ledger = createLedger({ stock: STOCK, money: MONEY, noTombstones: plan.noTombstones ?? false });
  const late: Promise<unknown>[] = [];
  const answers: Answer[] = [];
  let quiet = false;
  let clock = 1_000_000;

  const db = createMemoryDb({ faults: ({ method }) => (quiet || method === LOOKING ? undefined : storeFaults.shift()) });
  const now = () => clock;

  const start = (passagesLeft: number) => {
    let left = passagesLeft;
    let die = (): void => undefined;
    const dead = new Promise<'dead'>((resolve) => (die = () => resolve('dead')));
    const gate = async (name: string): Promise<void> => {
      await scheduler.schedule(Promise.resolve(), name);
      if (left-- > 0) return;
      die();
      await new Promise(() => undefined);
    };
    const wire: Wire = async (name, effect) => {
      await gate(`before ${name}`);
      // Losing the catalogue loses nothing else.
      const fault = quiet || name === 'BatchGetProducts' ? undefined : wireFaults.shift();
      if (fault === 'unreachable') throw peerAway();
      if (fault === 'late') {
        late.push(scheduler.schedule(Promise.resolve(), `late ${name}`).then(() => attempt(effect)));
        throw peerAway();
      }
      const answer = effect();
      if (fault === 'lost-reply') throw peerAway();
      await gate(`after ${name}`);
      return answer;
    };
    return { ...createProcess({ db: gatedDb(db, gate), peers: createPeers(ledger, OFFERS, wire), now }), dead };
  };
  const processes = plan.lives.map(start);

  const act = async (step: Schedule['acts'][number], n: number): Promise<void> => {
    await scheduler.schedule(Promise.resolve(), `act ${n}`);
    const [one, other] = n % 2 === 0 ? processes : processes.toReversed();
    if (step.kind === 'disturb') {
      if (step.by === 'expire') ledger.expire();
      if (step.by === 'later') clock += LATER_MS;
      if (step.by === 'poll') await Promise.race([attempt(() => one!.driver.poll()), one!.dead]);
      return;
    }
    const buyer = BUYERS[step.buyer]!;
    const requestId = newId();
    const order = async (at: Process & { dead: Promise<'dead'> }) => {
      answers.push({
        requestId,
        buyer,
        ...(await Promise.race([placed(at, buyer, requestId, step.lines), at.dead.then(() => ({}))])),
      });
    };
    const cancel = async () => {
      await scheduler.schedule(Promise.resolve(), 'cancel');
      const [latest] = (await db.query(asUser(buyer), orderTable, { pk: `U#${buyer}`, descending: true, limit: 1 })).items;
      const request = { orderId: String(latest?.sk).slice(2), requestId: newId() };
      if (latest)
        await Promise.race([
          attempt(() => other!.handlers.cancelOrder({ ...asUser(buyer), method: 'CancelOrder' }, request)),
          other!.dead,
        ]);
    };
    await Promise.all([order(one!), ...(step.again ? [order(other!)] : []), ...(step.cancel > 0 ? [cancel()] : [])]);
  };

  await scheduler.waitFor(Promise.all(acts.map(act)));
  // Faults are over: a process starts anew, and time passes.
  quiet = true;
  const survivor = start(Number.POSITIVE_INFINITY);
  const recover = async () => {
    for (let round = 0, due = 1; round < 12 && due > 0; round++) {
      clock += LATER_MS;
      due = await survivor.driver.poll();
    }
  };
  await scheduler.waitFor(Promise.all([recover(), ...late]));
  await scheduler.waitFor(Promise.all([recover(), ...late]));
  return { db, ledger, answers };
};

const attempt = async (work: () => unknown): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!isAppError(error)) throw error;
  }
};

const placed = async (
  at: Process,
  userId: string,
  requestId: string,
  lines: readonly { productId: string; quantity: bigint }[],
) => {
  const request = CreateOrderRequest.fromPartial({ userId, lines: [...lines], shippingAddress: ADDRESS, requestId });
  try {
    const { order } = await at.handlers.createOrder({ ...asUser(userId), method: 'CreateOrder' }, request);
    return { orderId: order!.orderId, state: nameOf(order!.state) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { refused: error, ...(error.details.metadata?.['order_id'] && { orderId: error.details.metadata['order_id'] }) };
  }
};

const nameOf = (state: OrderState): string => Object.entries(OrderState).find(([, value]) => value === state)![0];

const check = async ({ db, ledger, answers }: Played): Promise<void> => {
  const found = new Map<string, { state: string; total: { minor: number }; userId: string; unsettled: boolean }>();
  for (const buyer of BUYERS)
    for (const item of (await db.query(asUser(buyer), orderTable, { pk: `U#${buyer}` })).items)
      found.set(item.sk.slice(2), {
        ...(item as never as { state: string; total: { minor: number }; userId: string }),
        unsettled: 'sagaShard' in item,
      });
  const events = await eventsByOrder(db, asUser(BUYERS[0]!));

  for (const [orderId, order] of found) {
    const reservation = ledger.reservations.get(orderId)?.state ?? 'NONE';
    const hold = ledger.holds.get(orderId)?.state ?? 'NONE';
    const paid = order.state === 'PAID';
    const told = { PAID: 'OrderPaid', FAILED: 'OrderFailed', CANCELLED: 'OrderCancelled' }[order.state] ?? 'unsettled';
    expect({ ...order, reservation, hold, told: events.get(orderId) }).toMatchObject({
      unsettled: false,
      reservation: paid ? 'COMMITTED' : (expect.stringMatching(/^(RELEASED|EXPIRED)$/) as string),
      hold: paid ? 'CAPTURED' : 'RELEASED',
      told: ['OrderCreated', told].sort(),
    });
  }
  const paidTotal = [...found.values()].filter(({ state }) => state === 'PAID').reduce((sum, { total }) => sum + total.minor, 0);
  const sellersGot = SELLERS.reduce((sum, seller) => sum + (ledger.balance.get(seller) ?? 0), 0);
  const all = [...ledger.balance.values()].reduce((sum, minor) => sum + minor, 0);
  expect({ sellersGot, all }).toEqual({ sellersGot: paidTotal, all: 6500 });
  expect(Math.min(...ledger.available.values(), ...ledger.balance.values())).toBeGreaterThanOrEqual(0);

  const orderOfRequest = new Map<string, string>();
  for (const { requestId, orderId, state, refused } of answers) {
    if (orderId === undefined) continue;
    expect(orderId).toBe(orderOfRequest.get(requestId) ?? orderId);
    orderOfRequest.set(requestId, orderId);
    const final = found.get(orderId)!.state;
    if (refused) expect(final).toBe('FAILED');
    if (state === 'PAID' || state === 'CANCELLED') expect(final).toBe(state);
  }
  // One request, one order, whatever was lost: no order exists that no request asked for.
  expect(found.size).toBeLessThanOrEqual(new Set(answers.map(({ requestId }) => requestId)).size);
};
