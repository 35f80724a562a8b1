import { expect, test } from 'vitest';

import type { Order } from './order.ts';
import { productsToShare } from './share.ts';

const line = (productId: string, refunded?: number) => ({ productId, quantity: 2, refunded });
const order = { sharePurchase: true, lines: [line('tea'), line('cup', 1), line('pot', 2)] } as unknown as Order;

test('what the buyer keeps is shared', () => {
  expect(productsToShare(order, true)).toEqual(['tea', 'cup']);
});

test('what is about to go back is not', () => {
  const refund = {
    lines: [
      { productId: 'tea', quantity: 2 },
      { productId: 'cup', quantity: 1 },
    ],
  };
  expect(productsToShare({ ...order, refund } as unknown as Order, true)).toEqual([]);
  const part = { lines: [{ productId: 'tea', quantity: 1 }] };
  expect(productsToShare({ ...order, refund: part } as unknown as Order, true)).toEqual(['tea', 'cup']);
});

test('nothing is shared without both consents', () => {
  expect(productsToShare(order, false)).toEqual([]);
  expect(productsToShare({ ...order, sharePurchase: false }, true)).toEqual([]);
  expect(productsToShare(undefined, true)).toEqual([]);
});
