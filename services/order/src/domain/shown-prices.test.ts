import { isAppError, type Amount } from '@plaza/core';
import { expect, test } from 'vitest';

import { newOrder } from './new-order.ts';
import type { Wish, WishLine } from './wish.ts';

const eur = (minor: number): Amount => ({ currency: 'EUR', minor });
// Tea is 700 now, a cup 450.
const catalogue = [
  { productId: 'tea', sellerId: 'shop', name: 'tea', price: eur(700) },
  { productId: 'cup', sellerId: 'potter', name: 'cup', price: eur(450) },
];
const address = { name: 'Ada', lines: ['1 Row'], postalCode: '', city: 'London', countryCode: 'GB' };
const tea = (shownPrice?: Amount): WishLine => ({ productId: 'tea', quantity: 2, shownPrice });
const cup = (shownPrice?: Amount): WishLine => ({ productId: 'cup', quantity: 1, shownPrice });

/** What is said of the prices; undefined when the order is accepted. */
const said = (lines: readonly WishLine[], more: Partial<Wish> = {}) => {
  try {
    newOrder({ orderId: 'o1', userId: 'ada', lines, address, ...more }, catalogue, 0);
    return undefined;
  } catch (error) {
    if (!isAppError(error, 'PRICE_CHANGED')) throw error;
    expect(error.code).toBe('FAILED_PRECONDITION');
    const { metadata, violations = [] } = error.details;
    return { ...metadata, fields: violations.map(({ field }) => field) };
  }
};
const now = { currency: 'EUR', total: '1850' };

test('who was shown the prices of now is served, and so is who was shown none', () => {
  expect(said([tea(eur(700)), cup(eur(450))], { expectedTotal: eur(1850) })).toBeUndefined();
  expect(said([tea(), cup()])).toBeUndefined();
});

test('each line that was shown another price is named, with both prices', () => {
  expect(said([cup(), tea(eur(650))])).toEqual({ ...now, 'new.tea': '700', 'old.tea': '650', fields: ['lines[1]'] });
  expect(said([tea(eur(650)), cup(eur(500))], { expectedTotal: eur(1800) })).toEqual({
    ...now,
    expected_total: '1800',
    'new.tea': '700',
    'old.tea': '650',
    'new.cup': '450',
    'old.cup': '500',
    fields: ['expected_total', 'lines[0]', 'lines[1]'],
  });
});

test('of equal products each line counts', () => {
  expect(said([tea(eur(700)), tea(eur(699)), cup()])).toMatchObject({ 'old.tea': '699', fields: ['lines[1]'] });
});

test('another total alone names the prices that may have moved', () => {
  const expectedTotal = eur(1800);
  const total = { ...now, expected_total: '1800', fields: ['expected_total'] };
  expect(said([tea(), cup()], { expectedTotal })).toEqual({ ...total, 'new.tea': '700', 'new.cup': '450' });
  expect(said([tea(eur(700)), cup()], { expectedTotal })).toEqual({ ...total, 'new.cup': '450' });
  expect(said([tea(eur(700)), cup(eur(450))], { expectedTotal })).toEqual(total);
});

test('another currency is another price, and its number is not mistaken for one of this currency', () => {
  const usd = (minor: number) => ({ currency: 'USD', minor });
  expect(said([tea(), cup()], { expectedTotal: usd(1850) })).toMatchObject({ ...now, fields: ['expected_total'] });
  expect(said([tea(usd(700)), cup()])).toEqual({ ...now, 'new.tea': '700', fields: ['lines[0]'] });
});

test('of a cart only the expected total decides; what the cart remembers tells which prices moved', () => {
  const lines = [tea(eur(600)), cup(eur(450))];
  expect(said(lines, { fromCart: true })).toBeUndefined();
  expect(said(lines, { fromCart: true, expectedTotal: eur(1850) })).toBeUndefined();
  expect(said(lines, { fromCart: true, expectedTotal: eur(1650) })).toEqual({
    ...now,
    expected_total: '1650',
    'new.tea': '700',
    'old.tea': '600',
    fields: ['expected_total'],
  });
});
