import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Product } from './product.ts';
import {
  adjusted,
  isLow,
  isShort,
  mergeLines,
  moves,
  newStock,
  shortageOf,
  stockToTell,
  turnOf,
  type StockLine,
} from './stock.ts';

const line = fc.record({ productId: fc.constantFrom('A', 'B', 'C', 'D'), quantity: fc.integer({ min: 1, max: 1_000_000 }) });

test('merging keeps every unit, names each product once, and does not care about order', () => {
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 49 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (lines, random) => {
        const merged = mergeLines(lines);
        const sum = (of: readonly StockLine[], productId: string) =>
          of.reduce((units, { productId: id, quantity }) => units + (id === productId ? quantity : 0), 0);
        for (const id of ['A', 'B', 'C', 'D']) expect(sum(merged, id)).toBe(sum(lines, id));
        expect(new Set(merged.map(({ productId }) => productId)).size).toBe(merged.length);
        const shuffled = lines
          .map((entry) => ({ entry, at: random.next().value as number }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ entry }) => entry);
        expect(mergeLines(shuffled)).toEqual(merged);
      },
    ),
  );
});

test.each(Object.entries(moves))('%s keeps available = onHand − reserved', (_name, { onHand, reserved, available }) => {
  expect(onHand - reserved - available).toBe(0);
});

test('a refusal names each short line with what is left of it', () => {
  const refusal = shortageOf([
    { productId: 'A', stock: { ...newStock('A', 5), reserved: 3, available: 2 } },
    { productId: 'B', stock: newStock('B', 0) },
  ]);
  expect(refusal).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'INSUFFICIENT_STOCK',
    details: { metadata: { A: '2', B: '0' } },
  });
});

test('an unknown product is named as unknown, not as short', () => {
  const refusal = shortageOf([
    { productId: 'A', stock: newStock('A', 0) },
    { productId: 'B', stock: undefined },
  ]);
  expect(refusal).toMatchObject({ code: 'NOT_FOUND', reason: 'PRODUCT_NOT_FOUND', details: { metadata: { product_ids: 'B' } } });
});

test('the seller and an admin adjust; to anybody else the product does not exist', () => {
  const stock = { ...newStock('A', 5), reserved: 3, available: 2 };
  const adjust = (caller: Parameters<typeof adjusted>[3], delta = 1) => adjusted('A', tea, stock, caller, delta);
  expect(adjust({ kind: 'user', userId: 'seller' })).toMatchObject({ onHand: 6, reserved: 3, available: 3, version: 2 });
  expect(adjust({ kind: 'admin' })).toMatchObject({ onHand: 6 });
  expect(() => adjust({ kind: 'user', userId: 'other' })).toThrow('no such product');
  expect(() => adjust({ kind: 'anonymous' })).toThrow('no such product');
  expect(() => adjusted('A', undefined, undefined, { kind: 'admin' }, 1)).toThrow('no such product');
});

test('a correction never takes units that are reserved', () => {
  const stock = { ...newStock('A', 5), reserved: 3, available: 2 };
  const admin = { kind: 'admin' } as const;
  expect(adjusted('A', tea, stock, admin, -2)).toMatchObject({ onHand: 3, reserved: 3, available: 0 });
  expect(() => adjusted('A', tea, stock, admin, -3)).toThrow(expect.objectContaining({ details: { metadata: { A: '2' } } }));
});

test('a deleted product is named before what is short, and after what is unknown', () => {
  const deleted = { productId: 'A', stock: { ...newStock('A', 5), inactiveAt: 1 } };
  const short = { productId: 'B', stock: newStock('B', 0) };
  expect(shortageOf([short, deleted])).toMatchObject({ reason: 'PRODUCT_INACTIVE', details: { metadata: { product_ids: 'A' } } });
  expect(shortageOf([deleted, { productId: 'C', stock: undefined }])).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
});

test('a deleted product can be given back to, but not taken from or corrected', () => {
  const stock = { ...newStock('A', 5), reserved: 3, available: 2, inactiveAt: 1 };
  expect(isShort(stock, moves.reserve, 1)).toBe(true);
  for (const move of [moves.commit, moves.release, moves.restock]) expect(isShort(stock, move, 1)).toBe(false);
  expect(() => adjusted('A', tea, stock, { kind: 'admin' }, 1)).toThrow(expect.objectContaining({ reason: 'PRODUCT_INACTIVE' }));
});

test('no number may sink below zero', () => {
  const stock = { ...newStock('A', 5), reserved: 3, available: 2 };
  expect([isShort(stock, moves.reserve, 2), isShort(stock, moves.reserve, 3)]).toEqual([false, true]);
  expect([isShort(stock, moves.commit, 3), isShort(stock, moves.commit, 4)]).toEqual([false, true]);
  expect(isShort(undefined, moves.release, 1)).toBe(true);
});

test('stock turns when the last unit goes and when the first one comes, and not in between', () => {
  expect([turnOf(1, 0), turnOf(0, 3), turnOf(3, 1), turnOf(1, 3), turnOf(0, 0)]).toEqual([
    'DEPLETED',
    'RESTOCKED',
    undefined,
    undefined,
    undefined,
  ]);
});

test('who manages a product is told of its stock, also when it is deleted; services only while it is for sale', () => {
  const stock = newStock('A', 5);
  const deleted = { ...stock, inactiveAt: 1 };
  const told = (of: typeof stock | typeof deleted, caller: Parameters<typeof stockToTell>[3]) =>
    stockToTell('A', tea, of, caller);
  for (const caller of [{ kind: 'admin' }, { kind: 'user', userId: 'seller' }] as const) {
    expect(told(stock, caller)).toBe(stock);
    expect(told(deleted, caller)).toBe(deleted);
  }
  expect(told(stock, { kind: 'service', service: 'feed' })).toBe(stock);
  expect(() => told(deleted, { kind: 'service', service: 'feed' })).toThrow('no such product');
  expect(() => told(stock, { kind: 'user', userId: 'other' })).toThrow('no such product');
});

test('low is at most the threshold, and not deleted', () => {
  expect([isLow(newStock('A', 5), 5), isLow(newStock('A', 6), 5), isLow({ ...newStock('A', 0), inactiveAt: 1 }, 5)]).toEqual([
    true,
    false,
    false,
  ]);
});

const tea: Product = {
  productId: 'A',
  sellerId: 'seller',
  name: 'Tea',
  description: '',
  category: 'tea',
  price: { currency: 'EUR', minor: 499 },
  version: 1,
  createdAt: 0,
  updatedAt: 0,
};
