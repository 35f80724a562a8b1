import { mutationOf } from '@plaza/core';
import type { CreateProductRequest } from '@plaza/proto/plaza/product/v1/product_service';

import { sellerNotFound } from '../domain/errors.ts';
import { toListing, toResult } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const batchCreateProducts =
  ({ products, users, now, newId }: Deps): ProductHandlers['batchCreateProducts'] =>
  async (ctx, { products: requests }) => {
    const sellerIds = [...new Set(requests.map(({ sellerId }) => sellerId))];
    const missing = new Set((await users.batchGetUsers(ctx, { userIds: sellerIds })).missingIds);
    const wish = (request: CreateProductRequest) => {
      const productId = newId();
      const draft = () => {
        if (missing.has(request.sellerId)) throw sellerNotFound(request.sellerId);
        return toListing(productId, request, now());
      };
      return { mutation: mutationOf(ctx, request.requestId, request), draft };
    };
    const outcomes = await products.createMany(ctx, requests.map(wish));
    return { results: outcomes.map(toResult) };
  };
