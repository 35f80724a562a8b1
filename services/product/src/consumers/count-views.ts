import { crashPoint } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { ProductViews } from '@plaza/proto/plaza/product/v1/tasks';

import { POINTS } from '../domain/trending.ts';
import type { Deps } from './index.ts';

/** Counts views that were taken down. The queue forgets them only after that. */
export const countViews =
  ({ wants }: Pick<Deps, 'wants'>): Handle<ProductViews> =>
  (ctx, { flushId, productIds, viewTime }, { at }) =>
    wants.count(ctx, {
      id: flushId,
      at: viewTime?.getTime() ?? at,
      wants: [...new Set(productIds)].map((productId) => ({ productId, points: POINTS.view })),
      committed: () => crashPoint('product.after-count-views'),
    });
