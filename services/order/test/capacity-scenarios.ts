import { newId } from '@plaza/core';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { asAdmin, asUser, eventually, testContext, type Scenario } from '@plaza/testing';
import { expect } from 'vitest';

import { keys, orderTable, STATE_SHARDS, stateShardOf } from '../src/store/table.ts';
import { actions, buyerWith, CUP, LONG, POT, SELLERS, TEA, wish, type Service } from './service.ts';

/** The ordinary case of each RPC, in the order of the services, and of what goes on behind them. Orders are of 3 lines, pages of 20. */
export const scenariosOf = (service: Service): Record<string, Scenario> => {
  const { orders, carts } = service;
  const { heldUp } = actions(() => service);
  const request = <T extends object>(body: T) => ({ ...body, requestId: newId() });
  const basket = (buyer: string) => {
    const lines = [TEA, CUP, POT].map((productId) => ({ productId, quantity: 1n }));
    return { ...wish(buyer, TEA, 1n), lines };
  };
  const rich = () => buyerWith(service.ledger, 1_000_000);
  const buy = async (buyer = rich()) => {
    const { order } = await orders.createOrder(asUser(buyer, LONG), basket(buyer));
    return { buyer, orderId: order!.orderId };
  };
  let bought: Promise<string> | undefined;
  /** A buyer with more than a page of paid orders, the newest of their sellers too; some in each shard of the index. */
  const customer = () => (bought ??= buyMany());
  const buyMany = async () => {
    const buyer = rich();
    const shards = new Set<string>();
    for (let count = 0; count <= 20 || shards.size < STATE_SHARDS; count++)
      shards.add(stateShardOf({ state: 'PAID', orderId: (await buy(buyer)).orderId }));
    return buyer;
  };
  const untilSettled = (userId: string, orderId: string) =>
    eventually(async () => {
      const row = await service.app.db.get(testContext(), orderTable, keys.order(userId, orderId));
      expect(row).toHaveProperty('settledAt');
    });
  const sold = async () => {
    const { buyer, orderId } = await buy();
    await untilSettled(buyer, orderId);
    return orderId;
  };
  const filled = async () => {
    const buyer = rich();
    for (const productId of [TEA, CUP, POT])
      await carts.addCartItem(asUser(buyer), request({ userId: buyer, productId, quantity: 1n }));
    return buyer;
  };

  return {
    'OrderService/CreateOrder': async () => {
      const buyer = rich();
      return () => orders.createOrder(asUser(buyer, LONG), basket(buyer));
    },
    'OrderService/GetOrder': async () => {
      const { buyer, orderId } = await buy();
      return () => orders.getOrder(asUser(buyer), { orderId });
    },
    'OrderService/ListOrders': async () => {
      const buyer = await customer();
      return () => orders.listOrders(asUser(buyer), { userId: buyer });
    },
    'OrderService/ListOrdersByStatus': async () => {
      await customer();
      return () => orders.listOrdersByStatus(asAdmin(), { state: OrderState.PAID });
    },
    'OrderService/ListSales': async () => {
      await customer();
      return () => orders.listSales(asUser(SELLERS[0]!), { sellerId: SELLERS[0]! });
    },
    'OrderService/ListOrderEvents': async () => {
      const { buyer, orderId } = await buy();
      return () => orders.listOrderEvents(asUser(buyer), { orderId });
    },
    'OrderService/WatchOrder': async () => {
      const { buyer, orderId } = await buy();
      return async () => {
        for await (const { event } of service.watchOrder(asUser(buyer), { orderId }))
          if (event!.state === OrderState.PAID) return;
      };
    },
    'OrderService/CancelOrder': async () => {
      const buyer = rich();
      const { orderId } = await heldUp(buyer);
      service.route();
      return () => orders.cancelOrder(asUser(buyer), request({ orderId }));
    },
    'OrderService/UnsharePurchase': async () => {
      const buyer = rich();
      const { order } = await orders.createOrder(asUser(buyer, LONG), { ...basket(buyer), sharePurchase: true });
      const { orderId } = order!;
      return () => orders.unsharePurchase(asUser(buyer), request({ orderId }));
    },
    'OrderService/ShipOrder': async () => {
      const orderId = await sold();
      return () => orders.shipOrder(asUser(SELLERS[0]!), request({ orderId, carrier: 'DHL', trackingNumber: 'T-1' }));
    },
    'OrderService/DeliverOrder': async () => {
      const orderId = await sold();
      await orders.shipOrder(asUser(SELLERS[0]!), request({ orderId }));
      return () => orders.deliverOrder(asUser(SELLERS[0]!), request({ orderId }));
    },
    'OrderService/RefundOrder': async () => {
      const orderId = await sold();
      return () => orders.refundOrder(asUser(SELLERS[0]!, LONG), request({ orderId }));
    },
    'CartService/GetCart': async () => {
      const userId = await filled();
      return () => carts.getCart(asUser(userId), { userId });
    },
    'CartService/AddCartItem': async () => {
      const userId = await filled();
      return () => carts.addCartItem(asUser(userId), request({ userId, productId: TEA, quantity: 1n }));
    },
    'CartService/UpdateCartItem': async () => {
      const userId = await filled();
      return () => carts.updateCartItem(asUser(userId), request({ userId, productId: TEA, quantity: 5n }));
    },
    'CartService/RemoveCartItem': async () => {
      const userId = await filled();
      return () => carts.removeCartItem(asUser(userId), request({ userId, productId: TEA }));
    },
    'CartService/ClearCart': async () => {
      const userId = await filled();
      return () => carts.clearCart(asUser(userId), request({ userId }));
    },
    // Behind the answer: the sellers are paid.
    'order.saga': async () => async () => {
      const { buyer, orderId } = await buy();
      await untilSettled(buyer, orderId);
    },
  };
};
