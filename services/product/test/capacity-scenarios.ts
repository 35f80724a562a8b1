import { newId } from '@plaza/core';
import { TrendingWindow } from '@plaza/proto/plaza/product/v1/product_service';
import { asAdmin, asUser, eventually, testContext, type Scenario } from '@plaza/testing';
import { expect } from 'vitest';

import { asOrder, eur, type World } from './world.ts';

/** The ordinary case of each RPC, in the order of the services. Pages are of 20 products, baskets of 3. */
export const scenariosOf = (world: World): Record<string, Scenario> => {
  const { products, inventory } = world;
  const anyone = () => testContext();
  const request = <T extends object>(body: T) => ({ ...body, requestId: newId() });

  /** A seller with a shelf of 20 products in a category of its own, all of them found by one word of their own. */
  const shop = async () => {
    const sellerId = newId();
    world.people.add(sellerId);
    const [category, word] = [`shop-${newId().toLowerCase()}`, `word${newId().toLowerCase()}`];
    const wish = { sellerId, name: `Tea ${word}`, category, price: eur(499), initialStock: 10n };
    const items = Array.from({ length: 20 }, () => request(wish));
    const { results } = await products.batchCreateProducts(asAdmin(), { products: items });
    const ids = results.map(({ result }) => (result?.$case === 'product' ? result.value.productId : ''));
    return { sellerId, category, word, ids, wish };
  };
  const listed = async () => ({ productId: await world.list({ description: 'handpicked' }), seller: asUser(world.sellerId) });
  const deleted = async () => {
    const { productId, seller } = await listed();
    await products.deleteProduct(seller, request({ productId }));
    return { productId, seller };
  };
  const basket = async () => {
    const ids = [await world.list(), await world.list(), await world.list()];
    return { orderId: newId(), lines: ids.map((productId) => ({ productId, quantity: 1n })) };
  };
  const reserved = async () => {
    const order = await basket();
    await inventory.reserveStock(asOrder(), request(order));
    return order;
  };
  const saver = async () => {
    const userId = newId();
    const { productId } = await listed();
    await products.saveProduct(asUser(userId), request({ userId, productId }));
    return { userId, productId };
  };

  return {
    'ProductService/CreateProduct': async () => {
      const { wish, sellerId } = await shop();
      return () => products.createProduct(asUser(sellerId), request(wish));
    },
    'ProductService/BatchCreateProducts': async () => {
      const { wish } = await shop();
      return () => products.batchCreateProducts(asAdmin(), { products: Array.from({ length: 25 }, () => request(wish)) });
    },
    'ProductService/GetProduct': async () => {
      const { productId } = await listed();
      return () => products.getProduct(anyone(), { productId });
    },
    'ProductService/BatchGetProducts': async () => {
      const { ids } = await shop();
      return () => products.batchGetProducts(anyone(), { productIds: ids });
    },
    'ProductService/UpdateProduct': async () => {
      const { productId, seller } = await listed();
      const change = { productId, changes: { price: eur(599) }, updateMask: ['price'] };
      return () => products.updateProduct(seller, request(change));
    },
    'ProductService/DeleteProduct': async () => {
      const { productId, seller } = await listed();
      return () => products.deleteProduct(seller, request({ productId }));
    },
    'ProductService/UndeleteProduct': async () => {
      const { productId, seller } = await deleted();
      return () => products.undeleteProduct(seller, request({ productId }));
    },
    'ProductService/ListProducts': async () => {
      const { category } = await shop();
      return () => products.listProducts(anyone(), { category, pageSize: 20 });
    },
    'ProductService/SearchProducts': async () => {
      const { word } = await shop();
      // One of the words is asked for while they become known, the other is not in the cache yet.
      await eventually(async () => {
        const { products: found } = await products.searchProducts(anyone(), { query: `tea ${word}`, pageSize: 100 });
        expect(found).toHaveLength(20);
      });
      return () => products.searchProducts(anyone(), { query: word, pageSize: 20 });
    },
    'ProductService/ListCategories': async () => {
      await shop();
      // Of a size that nobody has asked for: not in the cache.
      const pageSize = sizes.pop()!;
      return () => products.listCategories(anyone(), { pageSize });
    },
    'ProductService/RecordProductViews': async () => {
      const { ids } = await shop();
      return () => products.recordProductViews(anyone(), request({ productIds: ids }));
    },
    'ProductService/ListTrendingProducts': async () => {
      await products.listTrendingProducts(anyone(), { window: TrendingWindow.WEEK });
      return () => products.listTrendingProducts(anyone(), { window: TrendingWindow.WEEK });
    },
    'ProductService/SaveProduct': async () => {
      const userId = newId();
      const { productId } = await listed();
      return () => products.saveProduct(asUser(userId), request({ userId, productId }));
    },
    'ProductService/UnsaveProduct': async () => {
      const { userId, productId } = await saver();
      return () => products.unsaveProduct(asUser(userId), request({ userId, productId }));
    },
    'ProductService/ListSavedProducts': async () => {
      const { userId } = await saver();
      return () => products.listSavedProducts(asUser(userId), { userId });
    },
    'ProductService/ListProductSavers': async () => {
      const { productId } = await saver();
      return () => products.listProductSavers(asAdmin(), { productId });
    },
    'InventoryService/GetStock': async () => {
      const { productId, seller } = await listed();
      return () => inventory.getStock(seller, { productId });
    },
    'InventoryService/AdjustStock': async () => {
      const { productId, seller } = await listed();
      return () => inventory.adjustStock(seller, request({ productId, delta: 5n, reason: 'delivery' }));
    },
    'InventoryService/ListStockMovements': async () => {
      const { productId, seller } = await listed();
      return () => inventory.listStockMovements(seller, { productId });
    },
    'InventoryService/ListLowStock': async () => {
      const { sellerId } = await shop();
      return () => inventory.listLowStock(asUser(sellerId), { sellerId, threshold: 10n });
    },
    'InventoryService/ReconcileStock': async () => {
      const { productId, seller } = await listed();
      await eventually(async () => expect((await inventory.listStockMovements(seller, { productId })).movements).toHaveLength(1));
      return () => inventory.reconcileStock(asAdmin(), { productIds: [productId] });
    },
    'InventoryService/ReserveStock': async () => {
      const order = await basket();
      return () => inventory.reserveStock(asOrder(), request(order));
    },
    'InventoryService/CommitReservation': async () => {
      const { orderId } = await reserved();
      return () => inventory.commitReservation(asOrder(), request({ orderId }));
    },
    'InventoryService/ReleaseReservation': async () => {
      const { orderId } = await reserved();
      return () => inventory.releaseReservation(asOrder(), request({ orderId }));
    },
    'InventoryService/GetReservation': async () => {
      const { orderId } = await reserved();
      return () => inventory.getReservation(asOrder(), { orderId });
    },
  };
};

const sizes = [7, 8, 9];
