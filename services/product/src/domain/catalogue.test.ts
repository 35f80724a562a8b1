import { expect, test } from 'vitest';

import { assertListable, belongs, type CatalogueList } from './catalogue.ts';
import { deletedProduct, newProduct, tombstone } from './product.ts';

const list = (changes: Partial<CatalogueList> = {}): CatalogueList => ({
  category: 'tea',
  sellerId: '',
  order: 'PRICE',
  range: { min: undefined, max: undefined },
  inStock: false,
  showDeleted: false,
  ...changes,
});

const product = newProduct(
  'p1',
  { sellerId: 'ann', name: 'Tea', description: '', category: 'tea', price: { currency: 'EUR', minor: 500 } },
  0,
);
const here = { productId: 'p1', minor: 500 };
const listing = { product, available: 3 };

test('a product belongs where its own row says, not where a late index has it', () => {
  expect(belongs(list(), here, listing)).toBe(true);
  expect(belongs(list(), { productId: 'p1', minor: 400 }, listing)).toBe(false);
  expect(belongs(list({ category: 'coffee' }), here, listing)).toBe(false);
  expect(belongs(list({ sellerId: 'bob' }), here, listing)).toBe(false);
  expect(belongs(list({ category: '', sellerId: 'ann', order: 'NEWEST' }), { productId: 'p1' }, listing)).toBe(true);
});

test('a range takes its lower bound and leaves its upper one out, in every order', () => {
  const inRange = (min: number | undefined, max: number | undefined) =>
    belongs(list({ order: 'NEWEST', range: { min, max } }), { productId: 'p1' }, listing);
  expect([inRange(500, 501), inRange(501, undefined), inRange(undefined, 500), inRange(undefined, undefined)]).toEqual([
    true,
    false,
    false,
    true,
  ]);
});

test('sold out, deleted and erased products belong only where they are asked for', () => {
  expect(belongs(list({ inStock: true }), here, { product, available: 0 })).toBe(false);
  expect(belongs(list({ inStock: true }), here, listing)).toBe(true);
  const deleted = { product: deletedProduct(product, 1), available: 0 };
  const shop = { category: '', sellerId: 'ann', order: 'NEWEST' } as const;
  expect(belongs(list(shop), { productId: 'p1' }, deleted)).toBe(false);
  expect(belongs(list({ ...shop, showDeleted: true }), { productId: 'p1' }, deleted)).toBe(true);
  const erased = { product: tombstone(product, 1), available: 0 };
  expect(belongs(list({ ...shop, showDeleted: true }), { productId: 'p1' }, erased)).toBe(false);
});

test('a list is of something, and deleted products are for those who may bring them back', () => {
  const [ann, bob] = ['ann', 'bob'].map((userId) => ({ kind: 'user', userId }) as const);
  const shop = list({ category: '', sellerId: 'ann', order: 'NEWEST', showDeleted: true });
  expect(() => assertListable(shop, ann!)).not.toThrow();
  expect(() => assertListable(shop, { kind: 'admin' })).not.toThrow();
  const field = (name: string) =>
    expect.objectContaining({ details: { domain: 'plaza', violations: [expect.objectContaining({ field: name })] } });
  expect(() => assertListable(list({ category: '' }), ann!)).toThrow(field('category'));
  expect(() => assertListable(shop, bob!)).toThrow(field('show_deleted'));
  expect(() => assertListable(shop, { kind: 'anonymous' })).toThrow(field('show_deleted'));
  expect(() => assertListable({ ...shop, order: 'PRICE' }, ann!)).toThrow(field('show_deleted'));
  expect(() => assertListable({ ...shop, sellerId: '', category: 'tea' }, { kind: 'admin' })).toThrow(field('show_deleted'));
});
