import { erasureHandler, reportTo, type Erased } from '@plaza/clients';
import { crashPoint } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { UserErasureRequested } from '@plaza/proto/plaza/user/v1/events';

import type { Erasure } from '../store/erasure-store.ts';
import type { Deps } from './index.ts';

const KEPT = [
  'orders without their addresses: sellers and accounts refer to them',
  'requests: a hash of each and the id of its order, or the cart item that it was about, they expire within 48 hours',
  'notes of refunds, carriers and tracking numbers, which sellers wrote',
  'events: ids, quantities, totals and carriers, they expire within 7 days',
];

/** The addresses of a buyer's orders are blanked, the orders stay; the cart goes. */
export const eraseUser = ({ erasures, users, now }: Deps): Handle<UserErasureRequested> =>
  erasureHandler({
    report: reportTo(users),
    now,
    erase: async (ctx, userId) => {
      const before = await erasures.finished(ctx, userId);
      if (before !== undefined) return receipt(before);
      await erasures.blankAddresses(ctx, userId);
      await erasures.removeCart(ctx, userId);
      const done = await erasures.finish(ctx, userId);
      crashPoint('order.after-erase');
      return receipt(done);
    },
  });

const receipt = ({ addresses, carts }: Erasure): Erased => ({ erased: { addresses, carts }, kept: KEPT });
