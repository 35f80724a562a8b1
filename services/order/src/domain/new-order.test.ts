import { firstIdAt, isAppError } from '@plaza/core';
import { expect, test } from 'vitest';

import { newOrder, type Offer } from './new-order.ts';
import type { Wish } from './wish.ts';

const offer = (productId: string, minor: number, sellerId = 'shop', currency = 'EUR'): Offer => ({
  productId,
  sellerId,
  name: productId,
  price: { currency, minor },
});
const catalogue = [offer('tea', 700), offer('cup', 450, 'potter'), offer('yen', 5, 'shop', 'JPY')];
const address = { name: 'Ada', lines: ['1 Row'], postalCode: '', city: 'London', countryCode: 'GB' };
const wish = (lines: Wish['lines'], more: Partial<Wish> = {}): Wish => ({
  orderId: firstIdAt(3),
  userId: 'ada',
  lines,
  address,
  ...more,
});
const refusalOf = (asked: Wish, offers: readonly Offer[] = catalogue) => {
  try {
    return newOrder(asked, offers, 0);
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { metadata, violations = [] } = error.details;
    return { code: error.code, reason: error.reason, metadata, fields: violations.map(({ field }) => field) };
  }
};

test('prices are the catalogue’s, equal products are one line, and the total is their sum', () => {
  const lines = [
    { productId: 'tea', quantity: 1 },
    { productId: 'cup', quantity: 2 },
    { productId: 'tea', quantity: 3 },
  ];
  expect(newOrder(wish(lines, { expectedTotal: { currency: 'EUR', minor: 3700 } }), catalogue, 5)).toEqual({
    orderId: firstIdAt(3),
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
    createdAt: 3,
    updatedAt: 5,
  });
});

test('an order without lines is empty, and so is one of an empty cart', () => {
  const empty = { code: 'FAILED_PRECONDITION', reason: 'EMPTY_ORDER' };
  expect(refusalOf(wish([]))).toMatchObject({ ...empty, fields: ['lines'] });
  expect(refusalOf(wish([], { fromCart: true }))).toMatchObject({ ...empty, fields: ['from_cart'] });
});

test('what the buyer agreed to is kept, and nothing where nothing was asked', () => {
  const lines = [{ productId: 'tea', quantity: 1 }];
  expect(newOrder(wish(lines, { sharePurchase: true, attributedPostId: 'post' }), catalogue, 0)).toMatchObject({
    sharePurchase: true,
    attributedPostId: 'post',
  });
  const plain = newOrder(wish(lines, { sharePurchase: false, attributedPostId: '' }), catalogue, 0);
  expect([plain.sharePurchase, plain.attributedPostId]).toEqual([undefined, undefined]);
});

test('a country that is none is bad input', () => {
  const nowhere = { address: { ...address, countryCode: 'XX' } };
  expect(refusalOf(wish([{ productId: 'tea', quantity: 1 }], nowhere))).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    fields: ['shipping_address.country_code'],
  });
});

test('every unknown product is named', () => {
  const lines = ['tea', 'x', 'y'].map((productId) => ({ productId, quantity: 1 }));
  expect(refusalOf(wish(lines))).toMatchObject({
    code: 'NOT_FOUND',
    reason: 'PRODUCT_NOT_FOUND',
    metadata: { product_ids: 'x,y' },
    fields: ['lines[1].product_id', 'lines[2].product_id'],
  });
});

test('nobody buys from themselves', () => {
  const asked = wish([{ productId: 'cup', quantity: 1 }], { userId: 'potter' });
  const own = { reason: 'OWN_PRODUCT', metadata: { product_ids: 'cup' } };
  expect(refusalOf(asked)).toMatchObject({ ...own, fields: ['lines[0].product_id'] });
  expect(refusalOf({ ...asked, fromCart: true })).toMatchObject({ ...own, fields: ['from_cart'] });
});

test('forty sellers fit, forty-one do not', () => {
  const offers = Array.from({ length: 41 }, (_, n) => offer(`p${n}`, 1, `s${n}`));
  const lines = offers.map(({ productId }) => ({ productId, quantity: 1 }));
  expect(refusalOf(wish(lines.slice(1)), offers)).toMatchObject({ state: 'PENDING' });
  expect(refusalOf(wish(lines), offers)).toMatchObject({ reason: 'TOO_MANY_SELLERS', fields: ['lines[40]'] });
});

test('currencies do not mix', () => {
  const lines = ['tea', 'yen', 'cup', 'yen'].map((productId) => ({ productId, quantity: 1 }));
  expect(refusalOf(wish(lines))).toMatchObject({
    reason: 'MIXED_CURRENCIES',
    metadata: { currencies: 'EUR,JPY' },
    // Those of the request, before equal products are merged.
    fields: ['lines[1]', 'lines[3]'],
  });
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
  expect(refusalOf(wish([{ productId: 'cup', quantity: 1 }, half, half]))).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    fields: ['lines[1].quantity', 'lines[2].quantity'],
  });
});
