import type { On } from '@plaza/events';

import type { Deps } from './index.ts';

/**
 * Search and category counts follow every change of a product. A process may have died between the commit of the change and the
 * cache: then the event brings that up to date too. Mostly there is nothing to do there.
 */
export const projectProduct = (
  { products, projections }: Pick<Deps, 'products' | 'projections'>,
  durable: string,
): On<{ productId: string }> => ({
  durable,
  handle: async (ctx, { productId }) => {
    await products.refresh(ctx, productId);
    await projections.project(ctx, productId);
  },
});
