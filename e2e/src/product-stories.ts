import { newId } from '@plaza/core';
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
  };
};
