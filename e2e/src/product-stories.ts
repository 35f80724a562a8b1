import { newId } from '@plaza/core';
import { TrendingWindow } from '@plaza/proto/plaza/product/v1/product_service';
import { eventually } from '@plaza/testing';
import { expect } from 'vitest';

import { insist } from './insist.ts';
import { euros, type World } from './world.ts';

const PATIENCE = { timeoutMs: 45_000, everyMs: 100 };

/** What happens in the catalogue, told by a careful client: each story ends as if nothing had ever crashed. */
export const productStories = (world: World) => {
  const { products } = world.plaza.clients;
  const admin = () => world.plaza.asAdmin(4_000);

  const listed = async (category: string) => {
    const sellerId = await insist(() => world.person());
    const wish = { sellerId, name: 'Teapot', category, price: euros(10), initialStock: 5n, requestId: newId() };
    return (await insist(() => products.createProduct(admin(), wish))).product!.productId;
  };
  const shelf = async (category: string) => {
    const page = await products.listProducts(admin(), { category });
    return page.products.map(({ productId, name }) => [productId, name]);
  };

  return {
    async changeAndReturn() {
      const category = `story-${newId().toLowerCase()}`;
      const productId = await listed(category);
      const changes = { name: 'Kettle', price: euros(12) };
      const change = { productId, changes, updateMask: ['name', 'price'], requestId: newId() };
      expect((await insist(() => products.updateProduct(admin(), change))).product).toMatchObject({ ...changes, etag: '2' });
      await eventually(async () => expect(await shelf(category)).toEqual([[productId, 'Kettle']]), PATIENCE);
      const [removal, return_] = [newId(), newId()];
      await insist(() => products.deleteProduct(admin(), { productId, requestId: removal }));
      expect(await insist(() => shelf(category))).toEqual([]);
      const back = await insist(() => products.undeleteProduct(admin(), { productId, requestId: return_ }));
      expect(back.product).toMatchObject({ ...changes, etag: '4' });
      await eventually(async () => expect(await shelf(category)).toEqual([[productId, 'Kettle']]), PATIENCE);
    },

    async saveAndForget() {
      const productId = await listed('toys');
      const userId = await insist(() => world.person());
      const self = () => world.plaza.asUser(userId, 4_000);
      const saved = async () => {
        const { products: found } = await insist(() => products.listSavedProducts(self(), { userId }));
        const { userIds } = await insist(() => products.listProductSavers(admin(), { productId }));
        return [found.map(({ product }) => product?.productId), userIds];
      };
      const [save, unsave, again] = [newId(), newId(), newId()];
      const first = await insist(() => products.saveProduct(self(), { userId, productId, requestId: save }));
      expect(await insist(() => products.saveProduct(self(), { userId, productId, requestId: again }))).toEqual(first);
      expect(await saved()).toEqual([[productId], [userId]]);
      await insist(() => products.unsaveProduct(self(), { userId, productId, requestId: unsave }));
      expect(await saved()).toEqual([[], []]);
    },

    async look() {
      const productId = await listed('toys');
      const ids = [newId(), newId(), newId()];
      const views = { productIds: [productId] };
      for (const requestId of ids) await insist(() => products.recordProductViews(admin(), { ...views, requestId }));
      const score = async () => {
        for (let pageToken = ''; ;) {
          const page = await products.listTrendingProducts(admin(), { window: TrendingWindow.HOUR, pageSize: 100, pageToken });
          const found = page.products.find(({ product }) => product?.productId === productId);
          if (found || page.nextPageToken === '') return found?.score;
          pageToken = page.nextPageToken;
        }
      };
      // A ranking is shown for half a minute; the next one has the rest.
      await eventually(async () => expect(await score()).toBe(3n), { timeoutMs: 90_000, everyMs: 1_000 });
    },
  };
};
