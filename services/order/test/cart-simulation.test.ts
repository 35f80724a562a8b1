import process from 'node:process';

import { isAppError, newId } from '@plaza/core';
import { createMemoryDb, type Fault } from '@plaza/dynamo';
import { CreateOrderRequest } from '@plaza/proto/plaza/order/v1/order_service';
import { asUser } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { explains, type Answer, type Done, type Wanted } from './cart-history.ts';
import { createdBetween } from '../src/domain/created.ts';
import { createLedger } from './ledger.ts';
import { createPeers } from './peers.ts';
import { createProcess, type Process } from './world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 1500);
const [TEA, CUP] = [newId(), newId()];
const OFFERS = [TEA, CUP].map((productId) => ({
  productId,
  sellerId: newId(),
  name: 'tea',
  price: { currency: 'EUR', minor: 1 },
}));
const ADDRESS = { name: 'Ada', lines: ['1 Row'], postalCode: '1', city: 'London', countryCode: 'GB' };
/** The test's own reads see no faults. */
const LOOKING = 'plaza.test/Test';

const productId = fc.constantFrom(TEA, CUP);
const quantity = fc.integer({ min: 1, max: 3 });
const wanted: fc.Arbitrary<Wanted> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), productId, quantity }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('set' as const), productId, quantity }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), productId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('order' as const) }) },
);
const act = fc.record({
  wanted,
  /** Sent to the other process as well, at once, with the same request id. */
  twice: fc.boolean(),
});
/** In a row, so that the retries of the store are used up as well. */
const trouble = fc.record({ fault: fc.constantFrom<Fault>('conflict', 'lost-reply', 'unreachable'), times: fc.nat({ max: 4 }) });
const plan = fc.record({
  acts: fc.array(act, { minLength: 1, maxLength: 6 }),
  troubles: fc.array(fc.record({ after: fc.nat({ max: 6 }), trouble }), { maxLength: 6 }),
  scheduler: fc.scheduler(),
});

test(
  'whatever races and gets lost, one order of events explains every answer and what is left',
  { timeout: 600_000 },
  async () => {
    expect.hasAssertions();
    await fc.assert(
      fc.asyncProperty(plan, async (it) => {
        const { history, bought, left } = await play(it);
        expect({ explained: explains(history, left), history, left }).toMatchObject({ explained: true });
        // No order that nobody asked for, and none twice.
        const answered = new Set(history.flatMap(({ answer }) => ('orderId' in answer ? [answer.orderId] : [])));
        expect(bought.toSorted()).toEqual([...answered].toSorted());
      }),
      { numRuns: RUNS },
    );
  },
);

const play = async ({ acts, troubles, scheduler }: typeof plan extends fc.Arbitrary<infer T> ? T : never) => {
  const faults: (Fault | undefined)[] = troubles.flatMap(({ after, trouble: { fault, times } }) => [
    ...Array.from({ length: after }, () => undefined),
    ...Array.from({ length: times }, () => fault),
  ]);
  const db = createMemoryDb({
    faults: async ({ verb, method }) => {
      if (method === LOOKING) return undefined;
      await scheduler.schedule(Promise.resolve(), verb);
      return faults.shift();
    },
  });
  const buyer = newId();
  const ledger = createLedger({ stock: { [TEA]: 1000, [CUP]: 1000 }, money: { [buyer]: 1000 } });
  const peers = createPeers(ledger, OFFERS, async (name, effect) => {
    await scheduler.schedule(Promise.resolve(), name);
    return effect();
  });
  const processes = [1, 2].map(() => createProcess({ db, peers, now: Date.now }));
  const history: Done[] = [];
  let time = 0;

  const send = async (at: number, each: Wanted, requestId: string): Promise<void> => {
    await scheduler.schedule(Promise.resolve(), each.kind);
    const began = ++time;
    // Who hears nothing certain sends it again, to the other process.
    for (let n = at, answer: Answer | undefined; !answer; n++) {
      answer = await answerOf(processes[n % 2]!, buyer, each, requestId);
      if (answer) history.push({ wanted: each, requestId, began, ended: ++time, answer });
    }
  };
  const run = acts.map(async ({ wanted: each, twice }, n) => {
    const requestId = newId();
    await Promise.all([send(n, each, requestId), ...(twice ? [send(n + 1, each, requestId)] : [])]);
  });
  await scheduler.waitFor(Promise.all(run));
  await scheduler.waitFor(Promise.all(processes.map(({ saga }) => saga.close())));

  const looker = processes[0]!;
  const all = createdBetween(undefined, undefined);
  const { entries } = await looker.lists.ofBuyer(asUser(buyer), buyer, all, { rows: 100, after: undefined });
  const bought = entries.map(({ place }) => place);
  const { items } = await looker.carts.get(asUser(buyer), buyer);
  return { history, bought, left: new Map(Object.entries(items).map(([id, item]) => [id, item.quantity])) };
};

/** Undefined when the outcome is unknown, or another call was quicker. */
const answerOf = async ({ handlers }: Process, userId: string, each: Wanted, requestId: string): Promise<Answer | undefined> => {
  const ctx = (method: string) => ({ ...asUser(userId), method });
  const quantityOf = ({ item }: { item: { quantity: bigint } | undefined }) => ({ quantity: Number(item!.quantity) });
  try {
    switch (each.kind) {
      case 'add': {
        const request = { userId, productId: each.productId, quantity: BigInt(each.quantity), requestId };
        return quantityOf(await handlers.addCartItem(ctx('AddCartItem'), request));
      }
      case 'set': {
        const request = { userId, productId: each.productId, quantity: BigInt(each.quantity), requestId };
        return quantityOf(await handlers.updateCartItem(ctx('UpdateCartItem'), request));
      }
      case 'remove':
        await handlers.removeCartItem(ctx('RemoveCartItem'), { userId, productId: each.productId, requestId });
        return {};
      case 'clear':
        await handlers.clearCart(ctx('ClearCart'), { userId, requestId });
        return {};
      case 'order': {
        const request = CreateOrderRequest.fromPartial({ userId, fromCart: true, shippingAddress: ADDRESS, requestId });
        const { order } = await handlers.createOrder(ctx('CreateOrder'), request);
        return { orderId: order!.orderId, lines: new Map(order!.lines.map((line) => [line.productId, Number(line.quantity)])) };
      }
    }
  } catch (error) {
    if (!isAppError(error)) throw error;
    return ['UNAVAILABLE', 'ABORTED'].includes(error.code) ? undefined : { refused: error.reason };
  }
};
