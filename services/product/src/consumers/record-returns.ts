import type { Handle } from '@plaza/events';
import type { ReservationReleased } from '@plaza/proto/plaza/product/v1/events';

import type { Deps } from './index.ts';

/** Only what had been sold comes back into the house: reserved units never left it. */
export const recordReturns =
  ({ movements }: Deps): Handle<ReservationReleased> =>
  async (ctx, { orderId, lines, sold }, { id, at }) => {
    if (!sold) return;
    await movements.record(
      ctx,
      lines.map(({ productId, quantity }) => ({
        movementId: id,
        productId,
        kind: 'RETURN',
        delta: Number(quantity),
        orderId,
        at,
      })),
    );
  };
