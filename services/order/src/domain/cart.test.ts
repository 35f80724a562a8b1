import { isAppError } from '@plaza/core';
import { expect, test } from 'vitest';

import { MAX_ITEMS, withMore, without, withQuantity, type CartItems } from './cart.ts';
import { viewOf } from './cart-view.ts';
import { MAX_UNITS } from './new-order.ts';

const offer = (productId: string, minor: number, currency = 'EUR') => ({
  productId,
  sellerId: 'shop',
  name: productId,
  price: { currency, minor },
  available: 7,
});
const item = (quantity: number, addedAt: number, minor: number) => ({ quantity, addedAt, price: { currency: 'EUR', minor } });
const wanted = (productId: string, quantity: number) => ({ userId: 'ada', productId, quantity });
const refusalOf = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { reason: error.reason, fields: error.details.violations?.map(({ field }) => field) };
  }
};

test('units of a product come together, at the price of now and from when it was first added', () => {
  const { items } = withMore({}, wanted('tea', 2), offer('tea', 700), 5);
  expect(items).toEqual({ tea: item(2, 5, 700) });
  expect(withMore(items, wanted('tea', 3), offer('tea', 650), 9)).toEqual({
    items: { tea: item(5, 5, 650) },
    item: item(5, 5, 650),
  });
});

test('a cart takes 49 products and a million units of each, nothing unknown and nothing of its owner', () => {
  const full: CartItems = Object.fromEntries(Array.from({ length: MAX_ITEMS }, (_, n) => [`p${n}`, item(1, n, 1)]));
  expect(refusalOf(() => withMore(full, wanted('tea', 1), offer('tea', 1), 0))).toMatchObject({ reason: 'CART_FULL' });
  expect(withMore(full, wanted('p7', MAX_UNITS - 1), offer('p7', 1), 0).item).toMatchObject({ quantity: MAX_UNITS });
  const tooMany = { reason: 'INVALID_FIELD', fields: ['quantity'] };
  expect(refusalOf(() => withMore(full, wanted('p7', MAX_UNITS), offer('p7', 1), 0))).toEqual(tooMany);
  const unknown = { reason: 'PRODUCT_NOT_FOUND', fields: ['product_id'] };
  expect(refusalOf(() => withMore({}, wanted('tea', 1), undefined, 0))).toEqual(unknown);
  const own = { ...offer('tea', 1), sellerId: 'ada' };
  expect(refusalOf(() => withMore({}, wanted('tea', 1), own, 0))).toEqual({ reason: 'OWN_PRODUCT', fields: ['product_id'] });
});

test('a quantity is set of what is there and still for sale', () => {
  const items = { tea: item(2, 5, 700) };
  expect(withQuantity(items, wanted('tea', 9), offer('tea', 650)).items).toEqual({ tea: item(9, 5, 650) });
  expect(refusalOf(() => withQuantity({}, wanted('tea', 9), undefined))).toMatchObject({ reason: 'CART_ITEM_NOT_FOUND' });
  expect(refusalOf(() => withQuantity(items, wanted('tea', 9), undefined))).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
});

test('what is not there is out already, and changes nothing', () => {
  const items = { tea: item(2, 5, 700), cup: item(1, 6, 450) };
  expect(without(items, 'tea').items).toEqual({ cup: item(1, 6, 450) });
  expect(without(items, 'pot').items).toBe(items);
});

test('a cart is shown at the prices of now, by currency, without what is gone', () => {
  const items = { yen: item(2, 3, 1), gone: item(9, 2, 100), tea: item(3, 1, 600) };
  const { lines, totals } = viewOf(items, [offer('tea', 700), offer('yen', 5, 'JPY')]);
  expect(lines.map(({ productId, offer: now, total }) => [productId, now?.price.minor, total?.minor])).toEqual([
    ['tea', 700, 2100],
    ['gone', undefined, undefined],
    ['yen', 5, 10],
  ]);
  expect(totals).toEqual([
    { currency: 'EUR', minor: 2100 },
    { currency: 'JPY', minor: 10 },
  ]);
});

test('what no order may cost has no total, however large', () => {
  const items = { moon: item(MAX_UNITS, 1, 1), tea: item(1, 2, 1) };
  const { lines, totals } = viewOf(items, [offer('moon', 1_000_000_000_000), offer('tea', 1)]);
  expect(lines.map(({ total }) => total?.minor)).toEqual([undefined, 1]);
  expect(totals).toEqual([]);
});
