import { isAppError, type Caller } from '@plaza/core';
import { expect, test } from 'vitest';

import { afterLeg, legsToDeliver, legsToShip, standingOf } from './fulfilment.ts';
import type { Order, OrderState, Parcel } from './order.ts';

const line = (sellerId: string, refunded = 0) => ({
  productId: `of-${sellerId}`,
  sellerId,
  name: '',
  quantity: 2,
  unitPrice: { currency: 'EUR', minor: 5 },
  refunded,
});
const sent: Parcel = { carrier: 'DHL', trackingNumber: '1', shippedAt: 1 };
const arrived: Parcel = { ...sent, deliveredAt: 2 };
const order = (state: OrderState, parcels?: Record<string, Parcel>, lines = [line('ann'), line('bob')]) =>
  ({ orderId: 'o', userId: 'buyer', state, lines, parcels }) as unknown as Order;
const user = (userId: string): Caller => ({ kind: 'user', userId });
const admin: Caller = { kind: 'admin' };
const label = { carrier: 'UPS', trackingNumber: '2' };
const ship = (of: Order, caller: Caller, sellerId = '') => refusable(() => legsToShip(of, caller, sellerId, label, 9));
const deliver = (of: Order, caller: Caller, sellerId = '') => refusable(() => legsToDeliver(of, caller, sellerId, 9));

test.each([
  ['PAID', undefined, [line('ann'), line('bob')]],
  ['PAID', { ann: arrived }, [line('ann'), line('bob')]],
  ['SHIPPED', { ann: sent, bob: arrived }, [line('ann'), line('bob')]],
  ['DELIVERED', { ann: arrived, bob: arrived }, [line('ann', 1), line('bob')]],
  // Whose units were all refunded owes no parcel.
  ['SHIPPED', { ann: sent }, [line('ann'), line('bob', 2)]],
  ['DELIVERED', { ann: sent, bob: arrived }, [line('ann', 2), line('bob', 1)]],
  ['PAID', { bob: arrived }, [line('ann', 1), line('bob', 2)]],
  ['REFUNDED', { ann: sent }, [line('ann', 2), line('bob', 2)]],
] as const)('an order is %s with parcels %o', (state, parcels, lines) => {
  expect(standingOf({ lines, parcels })).toBe(state);
});

test('each seller sends its own parcel, an admin all that are left, nobody else any', () => {
  const paid = order('PAID');
  expect(ship(paid, user('ann'))).toEqual([{ kind: 'SHIPPED', sellerId: 'ann', parcel: { ...label, shippedAt: 9 } }]);
  expect(ship(paid, user('ann'), 'ann')).toHaveLength(1);
  expect(ship(paid, admin)).toMatchObject([{ sellerId: 'ann' }, { sellerId: 'bob' }]);
  expect(ship(order('PAID', { ann: sent }), admin)).toMatchObject([{ sellerId: 'bob' }]);
  for (const [caller, sellerId] of [
    [user('buyer'), ''],
    [user('buyer'), 'ann'],
    [user('eve'), ''],
    [user('ann'), 'bob'],
    [admin, 'eve'],
  ] as const)
    expect(ship(paid, caller, sellerId)).toBe('ORDER_NOT_FOUND');
});

test('a parcel is sent once, and only of an order that is paid for and not refunded', () => {
  expect(ship(order('PAID', { ann: sent }), user('ann'))).toEqual([]);
  expect(ship(order('DELIVERED', { ann: arrived, bob: arrived }), admin)).toEqual([]);
  for (const state of ['PENDING', 'RESERVED', 'FAILED', 'CANCELLED'] as const)
    expect([ship(order(state), user('ann')), ship(order(state), admin)]).toEqual(['ORDER_NOT_FOUND', 'ILLEGAL_TRANSITION']);
  const bobs = order('PAID', undefined, [line('ann', 2), line('bob')]);
  expect(ship(bobs, user('ann'))).toBe('ILLEGAL_TRANSITION');
  expect(ship(bobs, admin)).toMatchObject([{ sellerId: 'bob' }]);
  expect(ship(order('REFUNDED', undefined, [line('ann', 2), line('bob', 2)]), admin)).toBe('ILLEGAL_TRANSITION');
});

test('what was sent arrives, by the word of buyer, seller or admin', () => {
  const half = order('PAID', { ann: sent });
  for (const [caller, sellerId] of [
    [user('buyer'), ''],
    [user('buyer'), 'ann'],
    [user('ann'), ''],
    [admin, ''],
  ] as const)
    expect(deliver(half, caller, sellerId)).toEqual([
      { kind: 'DELIVERED', sellerId: 'ann', parcel: { ...sent, deliveredAt: 9 } },
    ]);
  expect(deliver(order('SHIPPED', { ann: sent, bob: sent }), user('buyer'))).toHaveLength(2);
  expect(deliver(order('PAID', { ann: arrived }), user('buyer'))).toEqual([]);
  expect(deliver(half, user('eve'))).toBe('ORDER_NOT_FOUND');
  expect(deliver(half, user('ann'), 'bob')).toBe('ORDER_NOT_FOUND');
  expect(deliver(half, user('buyer'), 'eve')).toBe('ORDER_NOT_FOUND');
});

test('what was not sent does not arrive, and the refusal says who has not sent it', () => {
  const half = order('PAID', { ann: sent });
  expect(() => legsToDeliver(half, user('buyer'), 'bob', 9)).toThrow(
    expect.objectContaining({ details: { metadata: { state: 'PAID', not_shipped: 'bob' } } }),
  );
  expect(() => legsToDeliver(order('PAID'), user('buyer'), '', 9)).toThrow(
    expect.objectContaining({ details: { metadata: { state: 'PAID', not_shipped: 'ann,bob' } } }),
  );
  for (const state of ['PENDING', 'RESERVED', 'FAILED', 'CANCELLED'] as const)
    expect(deliver(order(state), user('buyer'))).toBe('ILLEGAL_TRANSITION');
  const back = order('REFUNDED', { ann: sent }, [line('ann', 2), line('bob', 2)]);
  expect(deliver(back, user('buyer'))).toBe('ILLEGAL_TRANSITION');
});

test('the order goes on when the last parcel has', () => {
  const [leg] = legsToShip(order('PAID', { ann: sent }), user('bob'), '', label, 9);
  expect(afterLeg(order('PAID', { ann: sent }), leg!)).toMatchObject({ state: 'SHIPPED', parcels: { ann: sent, bob: label } });
  expect(afterLeg(order('PAID'), leg!)).toMatchObject({ state: 'PAID' });
});

const refusable = <T>(act: () => T): T | string => {
  try {
    return act();
  } catch (error) {
    if (isAppError(error)) return error.reason;
    throw error;
  }
};
