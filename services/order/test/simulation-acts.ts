import { isAppError, newId, type AppError, type Context } from '@plaza/core';
import { CreateOrderRequest, OrderState, type Order as OrderMessage } from '@plaza/proto/plaza/order/v1/order_service';
import { asAdmin, asUser } from '@plaza/testing';
import fc from 'fast-check';

import { orderTable } from '../src/store/table.ts';
import { BUYERS, CUP, delay, SELLERS, TEA, type Mortal, type SimulatedWorld } from './simulation-world.ts';

const ADDRESS = { name: 'Ada', lines: ['1 Row'], postalCode: '1', city: 'London', countryCode: 'GB' };

const buyer = fc.constantFrom<0 | 1>(0, 1);

type Basket = readonly { productId: string; quantity: bigint }[];

export const buy = fc.record({
  kind: fc.constant('buy' as const),
  delay: fc.constant(0),
  buyer,
  lines: fc.constantFrom<Basket>(
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

export const transition = fc.record({
  kind: fc.constantFrom('ship' as const, 'deliver' as const, 'refund' as const, 'refund' as const, 'cancel' as const),
  delay,
  // Mostly of one, so that acts meet on one order.
  buyer: fc.constantFrom<0 | 1>(0, 0, 0, 1),
  who: fc.constantFrom('tea' as const, 'cup' as const, 'admin' as const, 'admin' as const, 'buyer' as const),
  /** Of a refund; none: all that is left. */
  lines: fc.constantFrom<Basket>([], [], [{ productId: TEA, quantity: 1n }], [{ productId: CUP, quantity: 1n }]),
  again: fc.boolean(),
});

type Drawn<A> = A extends fc.Arbitrary<infer T> ? T : never;
export type Buy = Drawn<typeof buy>;
export type Transition = Drawn<typeof transition>;

/** How a call ended that came to an end before its process did. */
export interface Answer {
  readonly kind: Buy['kind'] | Transition['kind'];
  readonly requestId: string;
  readonly orderId?: string | undefined;
  readonly state?: string;
  readonly refused?: AppError;
}

/** What says nothing about the call itself: it is sent again, under the same request id. */
const UNDECIDED: ReadonlySet<string> = new Set(['UNAVAILABLE', 'ABORTED', 'DEADLINE_EXCEEDED']);

/** Calls of people, each to one process or, as a repetition, to both. */
export const createActs = ({ db, turns }: SimulatedWorld, answers: Answer[]) => {
  const latestOf = async (userId: string): Promise<string | undefined> => {
    const page = await db.query(asUser(userId), orderTable, { pk: `U#${userId}`, descending: true, limit: 1 });
    return page.items[0]?.sk.slice(2);
  };
  /** Whether the call was decided. */
  const note = async (
    at: Mortal,
    about: Pick<Answer, 'kind' | 'requestId' | 'orderId'>,
    call: Promise<{ order?: OrderMessage | undefined }>,
  ): Promise<boolean> => {
    const end = await Promise.race([ending(call), at.dead]);
    if (end === 'dead') return false;
    answers.push({ ...about, ...end });
    return !end.refused || !UNDECIDED.has(end.refused.code);
  };
  const transit = async (step: Transition, at: Mortal, orderId: string, requestId: string): Promise<boolean> => {
    const { kind } = step;
    const caller = { admin: asAdmin(), buyer: asUser(BUYERS[step.buyer]), tea: asUser(SELLERS[0]), cup: asUser(SELLERS[1]) };
    const ctx: Context = { ...caller[step.who], method: kind };
    const about = { kind, requestId, orderId };
    const { handlers } = at;
    if (kind === 'cancel') return note(at, about, handlers.cancelOrder(ctx, { orderId, requestId }));
    if (kind === 'deliver') return note(at, about, handlers.deliverOrder(ctx, { orderId, sellerId: '', requestId }));
    const label = { carrier: requestId, trackingNumber: '' };
    if (kind === 'ship') return note(at, about, handlers.shipOrder(ctx, { orderId, sellerId: '', ...label, requestId }));
    // By its note the history tells which request a refund belongs to.
    return note(at, about, handlers.refundOrder(ctx, { orderId, lines: [...step.lines], note: requestId, requestId }));
  };

  return {
    async buy(step: Buy, one: Mortal, other: Mortal): Promise<void> {
      const userId = BUYERS[step.buyer];
      const requestId = newId();
      const request = CreateOrderRequest.fromPartial({ userId, lines: [...step.lines], shippingAddress: ADDRESS, requestId });
      const order = (at: Mortal) =>
        note(at, { kind: 'buy', requestId }, at.handlers.createOrder({ ...asUser(userId), method: 'CreateOrder' }, request));
      const cancel = async () => {
        await turns(step.cancel);
        const orderId = await latestOf(userId);
        if (orderId)
          await transit(
            { kind: 'cancel', delay: 0, buyer: step.buyer, who: 'buyer', lines: [], again: false },
            other,
            orderId,
            newId(),
          );
      };
      await Promise.all([order(one), ...(step.again ? [order(other)] : []), ...(step.cancel > 0 ? [cancel()] : [])]);
    },

    /** Whoever hears nothing good asks again, now the one process and now the other. */
    async transit(step: Transition, one: Mortal, other: Mortal): Promise<void> {
      const orderId = await latestOf(BUYERS[step.buyer]);
      if (!orderId) return;
      const requestId = newId();
      const insist = async (...processes: Mortal[]) => {
        for (const at of processes) if (await transit(step, at, orderId, requestId)) return;
      };
      await Promise.all([insist(one, other, one, other), ...(step.again ? [insist(other, one)] : [])]);
    },
  };
};

const ending = async (
  call: Promise<{ order?: OrderMessage | undefined }>,
): Promise<Pick<Answer, 'orderId' | 'state' | 'refused'>> => {
  try {
    const { order } = await call;
    return { orderId: order!.orderId, state: nameOf(order!.state) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const orderId = error.details.metadata?.['order_id'];
    return { refused: error, ...(orderId !== undefined && { orderId }) };
  }
};

const nameOf = (state: OrderState): string => Object.entries(OrderState).find(([, value]) => value === state)![0];
