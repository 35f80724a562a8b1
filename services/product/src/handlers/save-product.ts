import { mutationOf } from '@plaza/core';

import type { Deps, ProductHandlers } from './index.ts';

export const saveProduct =
  ({ saves, storefront, now, newId }: Pick<Deps, 'saves' | 'storefront' | 'now' | 'newId'>): ProductHandlers['saveProduct'] =>
  async (ctx, request) => {
    const { userId, productId, requestId } = request;
    const save = { userId, productId, saveId: newId(), savedAt: now() };
    const { savedAt } = await saves.save(ctx, mutationOf(ctx, requestId, request), save, (product) =>
      storefront.isOffered(ctx, product),
    );
    return { saveTime: new Date(savedAt) };
  };
