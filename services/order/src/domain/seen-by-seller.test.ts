import { expect, test } from 'vitest';

import type { Order, OrderLine } from './order.ts';
import { seenBySeller } from './seen-by-seller.ts';

const eur = (minor: number) => ({ currency: 'EUR', minor });
const line = (productId: string, sellerId: string, quantity: number, minor: number): OrderLine => ({
  productId,
  sellerId,
  name: productId,
  quantity,
  unitPrice: eur(minor),
});
const order: Order = {
  orderId: 'o1',
  userId: 'ada',
  state: 'SHIPPED',
  lines: [line('tea', 'shop', 2, 700), { ...line('pot', 'shop', 1, 2000), refunded: 1 }, line('cup', 'potter', 3, 450)],
  total: eur(4750),
  address: { name: 'Ada', lines: ['1 Row'], postalCode: '', city: 'London', countryCode: 'GB' },
  failure: { reason: 'R', domain: 'd', message: 'm', metadata: {} },
  parcels: {
    shop: { carrier: 'c', trackingNumber: '1', shippedAt: 1 },
    potter: { carrier: 'c', trackingNumber: '2', shippedAt: 2 },
  },
  refund: { refundId: 'r', lines: [{ productId: 'cup', quantity: 1 }], amount: eur(450), note: 'broken', restock: false },
  sharePurchase: true,
  attributedPostId: 'p1',
  version: 5,
  lease: 5,
  createdAt: 1,
  updatedAt: 2,
};

test('a seller sees its own lines, their total, its own parcel, and where to send it', () => {
  const seen = seenBySeller(order, 'shop');
  expect(seen.lines).toEqual(order.lines.slice(0, 2));
  expect(seen.total).toEqual(eur(3400));
  expect(seen.parcels).toEqual({ shop: order.parcels!['shop'] });
  expect([seen.address, seen.state, seen.version]).toEqual([order.address, 'SHIPPED', 5]);
  expect([seen.failure, seen.refund, seen.sharePurchase, seen.attributedPostId]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('nothing of the others is left', () => {
  expect(JSON.stringify(seenBySeller(order, 'shop'))).not.toMatch(/potter|cup/);
  const { parcels: _, ...unsent } = order;
  expect(seenBySeller(unsent, 'shop').parcels).toBeUndefined();
});
