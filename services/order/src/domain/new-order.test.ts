import { isAppError } from '@plaza/core';
import { expect, test } from 'vitest';

import { newOrder, type Offer, type Wish } from './new-order.ts';

const offer = (productId: string, minor: number, sellerId = 'shop', currency = 'EUR'): Offer => ({
  productId,
  sellerId,
  name: productId,
  price: { currency, minor },
});
const catalogue = [offer('tea', 700), offer('cup', 450, 'potter'), offer('yen', 5, 'shop', 'JPY')];
const address = { name: 'Ada', lines: ['1 Row'], postalCode: '', city: 'London', countryCode: 'GB' };
const wish = (lines: Wish['lines'], more: Partial<Wish> = {}): Wish => ({
  orderId: 'o1',
  userId: 'ada',
  lines,
  address,
  ...more,
});
const refusalOf = (asked: Wish, offers: readonly Offer[] = catalogue) => {
  try {
    return newOrder(asked, offers, 0);
  } catch (error) {
    if (isAppError(error)) return { code: error.code, reason: error.reason, metadata: error.details.metadata };
    throw error;
  }
};

test('prices are the catalogue’s, equal products are one line, and the total is their sum', () => {
  const lines = [
    { productId: 'tea', quantity: 1 },
    { productId: 'cup', quantity: 2 },
    { productId: 'tea', quantity: 3 },
  ];
  expect(newOrder(wish(lines, { expectedTotal: { currency: 'EUR', minor: 3700 } }), catalogue, 5)).toEqual({
    orderId: 'o1',
    userId: 'ada',
    state: 'PENDING',
    lines: [
      { productId: 'tea', sellerId: 'shop', name: 'tea', quantity: 4, unitPrice: { currency: 'EUR', minor: 700 } },
      { productId: 'cup', sellerId: 'potter', name: 'cup', quantity: 2, unitPrice: { currency: 'EUR', minor: 450 } },
    ],
    total: { currency: 'EUR', minor: 3700 },
    address,
    version: 1,
    lease: 0,
    createdAt: 5,
    updatedAt: 5,
  });
});

test('an order without lines is empty', () => {
  expect(refusalOf(wish([]))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'EMPTY_ORDER' });
});

test('another total than the buyer was shown is refused with the prices of now', () => {
  const asked = wish([{ productId: 'tea', quantity: 2 }], { expectedTotal: { currency: 'EUR', minor: 1300 } });
  expect(refusalOf(asked)).toEqual({
    code: 'FAILED_PRECONDITION',
    reason: 'PRICE_CHANGED',
    metadata: { total: '1400', currency: 'EUR', tea: '700' },
  });
  const dollars = wish([{ productId: 'tea', quantity: 2 }], { expectedTotal: { currency: 'USD', minor: 1400 } });
  expect(refusalOf(dollars)).toMatchObject({ reason: 'PRICE_CHANGED' });
});

test('every unknown product is named', () => {
  const lines = ['tea', 'x', 'y'].map((productId) => ({ productId, quantity: 1 }));
  expect(refusalOf(wish(lines))).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'PRODUCT_NOT_FOUND',
    metadata: { product_ids: 'x,y' },
  });
});

test('nobody buys from themselves', () => {
  const asked = wish([{ productId: 'cup', quantity: 1 }], { userId: 'potter' });
  expect(refusalOf(asked)).toMatchObject({ reason: 'OWN_PRODUCT', metadata: { product_ids: 'cup' } });
});

test('forty sellers fit, forty-one do not', () => {
  const offers = Array.from({ length: 41 }, (_, n) => offer(`p${n}`, 1, `s${n}`));
  const lines = offers.map(({ productId }) => ({ productId, quantity: 1 }));
  expect(refusalOf(wish(lines.slice(1)), offers)).toMatchObject({ state: 'PENDING' });
  expect(refusalOf(wish(lines), offers)).toMatchObject({ reason: 'TOO_MANY_SELLERS' });
});

test('currencies do not mix', () => {
  const lines = ['tea', 'yen'].map((productId) => ({ productId, quantity: 1 }));
  expect(refusalOf(wish(lines))).toMatchObject({ reason: 'MIXED_CURRENCIES', metadata: { currencies: 'EUR,JPY' } });
});

test('totals are counted exactly up to their limit and refused above it, however far', () => {
  const offers = [offer('gold', 1_000_000), offer('moon', 1_000_000_000_000), offer('dust', 1)];
  const gold = { productId: 'gold', quantity: 1_000_000 };
  expect(refusalOf(wish([gold]), offers)).toMatchObject({ total: { minor: 1_000_000_000_000 } });
  expect(refusalOf(wish([gold, { productId: 'dust', quantity: 1 }]), offers)).toMatchObject({ reason: 'TOTAL_TOO_LARGE' });
  expect(refusalOf(wish([{ productId: 'moon', quantity: 1_000_000 }]), offers)).toMatchObject({ reason: 'TOTAL_TOO_LARGE' });
});

test('merging cannot ask for more units than a reservation line may', () => {
  const half = { productId: 'tea', quantity: 600_000 };
  expect(refusalOf(wish([half, half]))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
});
