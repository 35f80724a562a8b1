import { crashPoint } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { ReservationCommitted } from '@plaza/proto/plaza/product/v1/events';

import { POINTS } from '../domain/trending.ts';
import type { Deps } from './index.ts';

/** Each sold unit counts, also one that comes back later: it was wanted. */
export const countSales =
  ({ wants }: Pick<Deps, 'wants'>): Handle<ReservationCommitted> =>
  (ctx, { lines }, { id, at }) =>
    wants.count(ctx, {
      id,
      at,
      wants: lines.map(({ productId, quantity }) => ({ productId, points: Number(quantity) * POINTS.unitSold })),
      committed: () => crashPoint('product.after-count-sales'),
    });
