import { newId } from '@plaza/core';
import { OrderState, type Order } from '@plaza/proto/plaza/order/v1/order_service';
import { eventually } from '@plaza/testing';
import { expect } from 'vitest';

import { insist } from './insist.ts';
import { ADDRESS, euros, type World } from './world.ts';

const PATIENCE = { timeoutMs: 45_000, everyMs: 100 };

/** What happens to orders once they are paid for, told by careful clients: each story ends as if nothing had ever crashed. */
export const orderStories = (world: World) => {
  const { orders, products, users, wallets } = world.plaza.clients;
  const admin = () => world.plaza.asAdmin(6_000);
  const self = (userId: string) => world.plaza.asUser(userId, 6_000);

  /** One teapot of three for ten of thirty euros; the seller has its money. */
  const bought = async ({ sharePurchase = false } = {}) => {
    const [buyer, seller] = [await insist(() => world.person()), await insist(() => world.person())];
    const ids = [newId(), newId(), newId(), newId()] as const;
    const credit = { userId: buyer, amount: euros(30), reason: 'test', requestId: ids[0] };
    await insist(() => wallets.creditWallet(admin(), credit));
    const teapot = { sellerId: seller, name: 'Teapot', category: 'toys', price: euros(10), initialStock: 3n, requestId: ids[1] };
    const { productId } = (await insist(() => products.createProduct(admin(), teapot))).product!;
    const agreement = {
      userId: buyer,
      preferences: { sharePurchases: true },
      updateMask: ['share_purchases'],
      requestId: ids[3],
    };
    if (sharePurchase) await insist(() => users.updatePreferences(admin(), agreement));
    const lines = [{ productId, quantity: 1n }];
    const wish = { userId: buyer, lines, sharePurchase, shippingAddress: ADDRESS, requestId: ids[2] };
    const { orderId } = (await insist(() => orders.createOrder(self(buyer), wish))).order!;
    await eventually(async () => expect((await world.wallet(seller)).balance).toBe(1_000n), PATIENCE);
    return { buyer, seller, productId, orderId };
  };
  const settled = (buyer: string, orderId: string, state: OrderState): Promise<Order> =>
    eventually(async () => {
      const { order } = await orders.getOrder(self(buyer), { orderId });
      expect(order?.state).toBe(state);
      return order!;
    }, PATIENCE);

  return {
    /** Shows when the delay is over, which nobody here waits for; it needs a short one. */
    async share() {
      const { buyer, orderId } = await bought({ sharePurchase: true });
      expect(await settled(buyer, orderId, OrderState.PAID)).toMatchObject({ sharePurchase: true, etag: '3' });
    },

    async shareAndRegret() {
      const { buyer, orderId } = await bought({ sharePurchase: true });
      const requestId = newId();
      await insist(() => orders.unsharePurchase(self(buyer), { orderId, requestId }));
      expect(await settled(buyer, orderId, OrderState.PAID)).toMatchObject({ sharePurchase: false, etag: '4' });
    },

    async send() {
      const { buyer, seller, orderId } = await bought();
      const [shipId, deliverId] = [newId(), newId()];
      const parcel = { orderId, carrier: 'DHL', trackingNumber: 'T-1', requestId: shipId };
      await insist(() => orders.shipOrder(self(seller), parcel));
      await insist(() => orders.deliverOrder(self(buyer), { orderId, requestId: deliverId }));
      const order = await settled(buyer, orderId, OrderState.DELIVERED);
      expect(order.parcels).toMatchObject([{ sellerId: seller, carrier: 'DHL', trackingNumber: 'T-1' }]);
      // Created, reserved, paid, sent, arrived: nothing happened twice.
      expect(order.etag).toBe('5');
    },

    async sendBack() {
      const { buyer, seller, productId, orderId } = await bought();
      const requestId = newId();
      await insist(() => orders.refundOrder(self(seller), { orderId, note: 'sold out', requestId }));
      const order = await settled(buyer, orderId, OrderState.REFUNDED);
      expect(order).toMatchObject({ refunded: euros(10), etag: '5' });
      await eventually(async () => {
        expect(await world.wallet(buyer)).toEqual({ balance: 3_000n, available: 3_000n, held: 0n });
        expect((await world.wallet(seller)).balance).toBe(0n);
        expect(await world.stock(productId)).toBe(3n);
      }, PATIENCE);
    },
  };
};
