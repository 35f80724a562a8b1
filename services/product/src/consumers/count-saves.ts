import { crashPoint } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { ProductSaved } from '@plaza/proto/plaza/product/v1/events';

import { POINTS } from '../domain/trending.ts';
import type { Deps } from './index.ts';

/** A save shows that a product is wanted; that somebody thinks better of it later takes nothing back. */
export const countSaves =
  ({ wants }: Pick<Deps, 'wants'>): Handle<ProductSaved> =>
  (ctx, { productId }, { id, at }) =>
    wants.count(ctx, {
      id,
      at,
      wants: [{ productId, points: POINTS.save }],
      committed: () => crashPoint('product.after-count-saves'),
    });
