import { mutationOf } from '@plaza/core';

import { sellerNotFound } from '../domain/errors.ts';
import { toListing, toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const createProduct =
  ({ products, users, now, newId }: Deps): ProductHandlers['createProduct'] =>
  async (ctx, request) => {
    const { sellerId } = request;
    const draft = async () => {
      const listing = toListing(newId(), request, now());
      const { missingIds } = await users.batchGetUsers(ctx, { userIds: [sellerId] });
      if (missingIds.length > 0) throw sellerNotFound(sellerId);
      return listing;
    };
    const created = await products.create(ctx, { mutation: mutationOf(ctx, request.requestId, request), draft });
    return { product: toMessage(created) };
  };
