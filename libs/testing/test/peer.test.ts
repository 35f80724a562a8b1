import { AppError, newId, noMetrics, silentLog } from '@plaza/core';
import { productClients, type ProductClients } from '@plaza/clients';
import { InventoryServiceDefinition } from '@plaza/proto/plaza/product/v1/inventory_service';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { asAdmin, asService, asUser, bindSome, createProxy, startPeer, testKeys, type Peer, type Proxy } from '../src/index.ts';

let committed: string[];
let peer: Peer;
let proxy: Proxy;
let product: ProductClients;

beforeAll(async () => {
  committed = [];
  peer = await startPeer(
    bindSome(InventoryServiceDefinition, {
      adjustStock: async () => ({ stock: undefined }),
      reserveStock: async () => {
        throw new AppError('FAILED_PRECONDITION', 'INSUFFICIENT_STOCK', 'none left', { domain: 'plaza.product' });
      },
      commitReservation: async (_ctx, { orderId }) => {
        committed.push(orderId);
        return {};
      },
    }),
  );
  proxy = await createProxy({ target: peer.address, protocol: 'http2' });
  product = productClients({ address: proxy.address, token: testKeys().tokenOf, log: silentLog, metrics: noMetrics });
});
afterAll(async () => {
  product.close();
  await proxy.close();
  await peer.close();
});

test('a peer answers whom the policy allows and nobody else', async () => {
  const orderId = newId();
  await product.inventory.commitReservation(asService('order', 'u1'), { orderId });
  expect(committed).toContain(orderId);
  await expect(product.inventory.commitReservation(asUser('u1'), { orderId })).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
  });
  await product.inventory.adjustStock(asAdmin(), restock());
});

test('a peer refuses what the schema refuses, and its own refusals arrive intact', async () => {
  await expect(product.inventory.commitReservation(asService('order'), { orderId: 'x' })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
  const wish = { orderId: newId(), lines: [{ productId: newId(), quantity: 1n }] };
  await expect(product.inventory.reserveStock(asService('order'), wish)).rejects.toMatchObject({
    reason: 'INSUFFICIENT_STOCK',
    details: { domain: 'plaza.product' },
  });
});

test('a dropped reply: the work was done, and a call that may be repeated is repeated by the client', async () => {
  const orderId = newId();
  proxy.dropReply(1);
  await product.inventory.commitReservation(asService('order'), { orderId });
  expect(proxy.dropped).toBe(1);
  expect(committed.filter((id) => id === orderId)).toHaveLength(2);
  proxy.heal();
});

const restock = () => ({ productId: newId(), delta: 5n, reason: 'delivery' });
