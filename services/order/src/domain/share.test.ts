import { expect, test } from 'vitest';

import type { Order } from './order.ts';
import { productsToShare } from './share.ts';

const line = (productId: string, refunded?: number) => ({ productId, quantity: 2, refunded });
const order = { sharePurchase: true, lines: [line('tea'), line('cup', 1), line('pot', 2)] } as unknown as Order;

test('what the buyer keeps is shared', () => {
  expect(productsToShare(order, true)).toEqual(['tea', 'cup']);
});

test('nothing is shared without both consents', () => {
  expect(productsToShare(order, false)).toEqual([]);
  expect(productsToShare({ ...order, sharePurchase: false }, true)).toEqual([]);
  expect(productsToShare(undefined, true)).toEqual([]);
});
