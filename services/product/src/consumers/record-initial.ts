import type { Handle } from '@plaza/events';
import type { ProductCreated } from '@plaza/proto/plaza/product/v1/events';

import type { Deps } from './index.ts';

/** The first movement of a product is the stock that it was listed with. */
export const recordInitial =
  ({ movements }: Deps): Handle<ProductCreated> =>
  async (ctx, { productId, initialStock }, { id, at }) => {
    if (initialStock === 0n) return;
    await movements.record(ctx, [{ movementId: id, productId, kind: 'INITIAL', delta: Number(initialStock), at }]);
  };
