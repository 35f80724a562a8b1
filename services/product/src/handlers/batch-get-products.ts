import { toMessage } from '../mapping.ts';
import type { Deps, ProductHandlers } from './index.ts';

export const batchGetProducts =
  ({ storefront }: Deps): ProductHandlers['batchGetProducts'] =>
  async (ctx, request) => {
    const productIds = [...new Set(request.productIds)];
    const shown = await storefront.show(ctx, productIds);
    return {
      products: productIds.flatMap((productId) => shown.get(productId) ?? []).map(toMessage),
      missingIds: productIds.filter((productId) => !shown.has(productId)),
    };
  };
