import type { Handle } from '@plaza/events';
import type { ReservationCommitted } from '@plaza/proto/plaza/product/v1/events';

import type { Deps } from './index.ts';

/** A sale takes its units out of each product's stock: a movement a line, which beside 49 lines would not fit the sale's transaction. */
export const recordSales =
  ({ movements }: Deps): Handle<ReservationCommitted> =>
  (ctx, { orderId, lines }, { id, at }) =>
    movements.record(
      ctx,
      lines.map(({ productId, quantity }) => ({
        movementId: id,
        productId,
        kind: 'SALE',
        delta: -Number(quantity),
        orderId,
        at,
      })),
    );
