import { isAppError, newId, type Context } from '@plaza/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Payments } from '../src/payments/port.ts';

/** What the suite must know of the money behind an adapter. Amounts are EUR cents. */
export interface PaymentWorld {
  readonly payments: Payments;
  /** A fresh context with time enough for one call. */
  ctx(): Context;
  /** Somebody with so much money; a payee is somebody with none. */
  person(minor: number): Promise<string>;
  /** What they can spend. */
  spendable(personId: string): Promise<number>;
  /** Gives somebody more, from outside of any order. */
  give(personId: string, minor: number): Promise<void>;
  close(): Promise<void>;
}

/** Every adapter of the port passes these tests; docs/payments.md says how to run them. */
export const describePayments = (name: string, make: () => Promise<PaymentWorld>) =>
  describe(`payments by ${name}`, () => {
    let world: PaymentWorld;
    beforeAll(async () => (world = await make()));
    afterAll(() => world?.close());

    const authorise = (orderId: string, payerId: string, minor: number) =>
      world.payments.authorise(world.ctx(), { orderId, payerId, amount: eur(minor) });
    const capture = (orderId: string, payees: Shares) => world.payments.capture(world.ctx(), { orderId, payees: shares(payees) });
    const cancel = (orderId: string) => world.payments.void(world.ctx(), { orderId });
    const refund = (orderId: string, refundId: string, from: Shares) =>
      world.payments.refund(world.ctx(), { orderId, refundId, from: shares(from) });
    const cash = (...people: string[]) => Promise.all(people.map((id) => world.spendable(id)));
    const people = async (minor: number) => [await world.person(minor), await world.person(0), await world.person(0)] as const;
    const captured = async (minor = 1000) => {
      const [payer, ann, bob] = await people(minor);
      const orderId = newId();
      await authorise(orderId, payer, 800);
      await capture(orderId, { [ann]: 500, [bob]: 300 });
      return { orderId, payer, ann, bob };
    };

    test('an order is paid once, however often each call is repeated', async () => {
      const [payer, ann, bob] = await people(1000);
      const orderId = newId();
      for (let n = 0; n < 2; n++) await authorise(orderId, payer, 800);
      expect(await cash(payer, ann, bob)).toEqual([200, 0, 0]);
      for (let n = 0; n < 2; n++) await capture(orderId, { [ann]: 500, [bob]: 300 });
      expect(await cash(payer, ann, bob)).toEqual([200, 500, 300]);
      // Also an authorisation that comes late is one that was.
      await authorise(orderId, payer, 800);
      expect(await cash(payer, ann, bob)).toEqual([200, 500, 300]);
    });

    test('repetitions at the same moment are one call', async () => {
      const [payer, ann] = await people(1000);
      const orderId = newId();
      await atOnce(() => authorise(orderId, payer, 800));
      await atOnce(() => capture(orderId, { [ann]: 800 }));
      const refundId = newId();
      await atOnce(() => refund(orderId, refundId, { [ann]: 300 }));
      expect(await cash(payer, ann)).toEqual([500, 500]);
    });

    test('who has too little is refused, and nothing is set aside', async () => {
      const [payer] = await people(799);
      await refused(authorise(newId(), payer, 800));
      expect(await cash(payer)).toEqual([799]);
    });

    test('a void gives the money back once, and is the end of the order', async () => {
      const [payer, ann] = await people(1000);
      const orderId = newId();
      await authorise(orderId, payer, 800);
      for (let n = 0; n < 2; n++) await cancel(orderId);
      expect(await cash(payer)).toEqual([1000]);
      await refused(capture(orderId, { [ann]: 800 }));
      await refused(authorise(orderId, payer, 800));
      expect(await cash(payer, ann)).toEqual([1000, 0]);
    });

    test('a void that comes first forbids the authorisation', async () => {
      const [payer] = await people(1000);
      const orderId = newId();
      await cancel(orderId);
      await refused(authorise(orderId, payer, 800));
      await cancel(orderId);
      expect(await cash(payer)).toEqual([1000]);
    });

    test('what was captured is neither voided nor captured for others', async () => {
      const { orderId, payer, ann, bob } = await captured();
      await refused(cancel(orderId));
      await refused(capture(orderId, { [ann]: 300, [bob]: 500 }));
      await refused(capture(orderId, { [ann]: 800 }));
      expect(await cash(payer, ann, bob)).toEqual([200, 500, 300]);
    });

    test('what was not authorised is not captured', async () => {
      const [, ann] = await people(0);
      await refused(capture(newId(), { [ann]: 800 }));
      expect(await cash(ann)).toEqual([0]);
    });

    test('a refund moves its parts back, once for each refund id', async () => {
      const { orderId, payer, ann, bob } = await captured();
      const first = newId();
      for (let n = 0; n < 2; n++) await refund(orderId, first, { [ann]: 200, [bob]: 100 });
      expect(await cash(payer, ann, bob)).toEqual([500, 300, 200]);
      await refused(refund(orderId, first, { [ann]: 200 }));
      await refund(orderId, newId(), { [ann]: 300 });
      await refund(orderId, first, { [bob]: 100, [ann]: 200 });
      expect(await cash(payer, ann, bob)).toEqual([800, 0, 200]);
    });

    test('no more goes back than a payee got of the order', async () => {
      const { orderId, payer, ann, bob } = await captured();
      await world.give(ann, 1000);
      await refused(refund(orderId, newId(), { [ann]: 501 }));
      await refund(orderId, newId(), { [ann]: 400 });
      await refused(refund(orderId, newId(), { [ann]: 101, [bob]: 300 }));
      await refused(refund(orderId, newId(), { [await world.person(500)]: 1 }));
      expect(await cash(payer, ann, bob)).toEqual([600, 1100, 300]);
    });

    test('nothing goes back before the capture, nor after a void', async () => {
      const [payer, ann] = await people(1000);
      const orderId = newId();
      await refused(refund(orderId, newId(), { [ann]: 1 }));
      await authorise(orderId, payer, 800);
      await refused(refund(orderId, newId(), { [ann]: 1 }));
      await cancel(orderId);
      await refused(refund(orderId, newId(), { [ann]: 1 }));
      expect(await cash(payer, ann)).toEqual([1000, 0]);
    });

    test('when a payee has too little nobody pays, and that refund stays refused', async () => {
      const { orderId, payer, ann, bob } = await captured();
      const [poor, other] = [newId(), await world.person(0)];
      await authorise(poor, bob, 300);
      await capture(poor, { [other]: 300 });
      const refundId = newId();
      await refused(refund(orderId, refundId, { [ann]: 500, [bob]: 300 }));
      expect(await cash(payer, ann, bob)).toEqual([200, 500, 0]);
      await world.give(bob, 300);
      await refused(refund(orderId, refundId, { [ann]: 500, [bob]: 300 }));
      expect(await cash(payer, ann, bob)).toEqual([200, 500, 300]);
      await refund(orderId, newId(), { [ann]: 500, [bob]: 300 });
      expect(await cash(payer, ann, bob)).toEqual([1000, 0, 0]);
    });

    test('of racing capture and void one wins', async () => {
      const [payer, ann] = await people(1000);
      const orderId = newId();
      await authorise(orderId, payer, 800);
      const [paid, voided] = await Promise.allSettled([
        until(() => capture(orderId, { [ann]: 800 })),
        until(() => cancel(orderId)),
      ]);
      expect([paid.status, voided.status].toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(await cash(payer, ann)).toEqual(paid.status === 'fulfilled' ? [200, 800] : [1000, 0]);
    });
  });

/** Minor units by person. */
type Shares = Readonly<Record<string, number>>;

const eur = (minor: number) => ({ currency: 'EUR', minor });

const shares = (of: Shares) => Object.entries(of).map(([userId, minor]) => ({ userId, amount: eur(minor) }));

const REFUSALS: readonly string[] = ['FAILED_PRECONDITION', 'NOT_FOUND', 'INVALID_ARGUMENT'];

const isRefusal = (error: unknown): boolean => isAppError(error) && REFUSALS.includes(error.code) && error.reason !== error.code;

/** As the saga does: repeated while the outcome is unknown. */
const until = async (call: () => Promise<void>): Promise<void> => {
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (isRefusal(error) || !isAppError(error) || tries > 20) throw error;
    }
  }
};

const atOnce = (call: () => Promise<void>) => Promise.all(Array.from({ length: 4 }, () => until(call)));

const refused = async (call: Promise<void>): Promise<void> => {
  const error: unknown = await call.then(
    () => 'done',
    (thrown: unknown) => thrown,
  );
  if (!isRefusal(error)) throw new Error(`no refusal, but ${String(error)}`, { cause: error });
};
