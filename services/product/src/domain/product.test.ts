import { isAppError } from '@plaza/core';
import { expect, test } from 'vitest';

import {
  changedProduct,
  deletedProduct,
  isListed,
  newProduct,
  offered,
  pathsToChange,
  productToChange,
  restorableUntil,
  restoredProduct,
  tombstone,
} from './product.ts';

const price = { currency: 'EUR', minor: 499 };
const tea = newProduct('p1', { sellerId: 'ann', name: 'Tea', description: 'fine', category: 'tea', price }, 1000);
const ann = { kind: 'user', userId: 'ann' } as const;
const bob = { kind: 'user', userId: 'bob' } as const;
const admin = { kind: 'admin' } as const;

test('a mask names known paths, and no name or category becomes empty', () => {
  const changes = { name: 'Tea', category: '' };
  expect(pathsToChange(['price', 'name', 'price'], changes)).toEqual(['price', 'name']);
  expect(refusalOf(() => pathsToChange([], changes))).toMatchObject({ reason: 'INVALID_FIELD' });
  expect(refusalOf(() => pathsToChange(['sellerId'], changes))).toMatchObject({
    details: { violations: [{ field: 'update_mask.paths[0]' }] },
  });
  expect(refusalOf(() => pathsToChange(['name'], { ...changes, name: ' \t' }))).toMatchObject({
    details: { violations: [{ field: 'changes.name' }] },
  });
  expect(refusalOf(() => pathsToChange(['category'], changes))).toMatchObject({
    details: { violations: [{ field: 'changes.category' }] },
  });
});

test('only the seller and admins find a product to change, and only while it is listed', () => {
  expect(productToChange('p1', tea, ann, '')).toBe(tea);
  expect(productToChange('p1', tea, admin, '1')).toBe(tea);
  for (const [product, caller] of [
    [tea, bob],
    [undefined, ann],
    [deletedProduct(tea, 2000), ann],
    [tombstone(tea, 2000), admin],
  ] as const)
    expect(refusalOf(() => productToChange('p1', product, caller, ''))).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
  expect(refusalOf(() => productToChange('p1', tea, ann, '7'))).toMatchObject({
    code: 'ABORTED',
    reason: 'ETAG_MISMATCH',
    details: { metadata: { etag: '1' } },
  });
});

test('a change keeps what it does not name, and tells what really changed', () => {
  const changes = { name: 'Green tea', description: 'fine', price: { currency: 'EUR', minor: 599 } };
  expect(changedProduct(tea, ['name', 'description'], changes, 2000)).toEqual({
    product: { ...tea, name: 'Green tea', version: 2, updatedAt: 2000 },
    changed: ['name'],
  });
  expect(changedProduct(tea, ['price'], changes, 2000).product.price.minor).toBe(599);
  expect(changedProduct(tea, ['description', 'price'], { description: 'fine', price: { ...price } }, 2000)).toEqual({
    product: tea,
    changed: [],
  });
});

test('what is deleted is not offered, comes back for 30 days, and for nobody else', () => {
  const deleted = deletedProduct(tea, 2000);
  expect([isListed(tea), isListed(deleted)]).toEqual([true, false]);
  expect(offered([tea, deleted], new Set())).toEqual([tea]);
  expect(offered([tea], new Set(['ann']))).toEqual([]);
  expect(restoredProduct('p1', deleted, ann, restorableUntil(2000))).toEqual({
    ...tea,
    version: 3,
    updatedAt: restorableUntil(2000),
  });
  expect(refusalOf(() => restoredProduct('p1', deleted, ann, restorableUntil(2000) + 1))).toMatchObject({
    reason: 'RESTORE_WINDOW_OVER',
  });
  expect(refusalOf(() => restoredProduct('p1', tea, ann, 3000))).toMatchObject({ reason: 'PRODUCT_NOT_DELETED' });
  expect(refusalOf(() => restoredProduct('p1', deleted, bob, 3000))).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
  expect(refusalOf(() => restoredProduct('p1', tombstone(deleted, 3000), admin, 3000))).toMatchObject({
    reason: 'RESTORE_WINDOW_OVER',
  });
});

const refusalOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    expect(isAppError(error)).toBe(true);
    return error;
  }
};
