import { erasureHandler, reportTo, type Erased } from '@plaza/clients';
import { crashPoint } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { UserErasureRequested } from '@plaza/proto/plaza/user/v1/events';

import type { ErasedCounts } from '../store/erasure-store.ts';
import type { Deps } from './index.ts';

const KEPT = [
  'ids, prices and categories of products, their stock and its corrections: orders and accounts refer to them',
  'requests that created or changed products, saved or unsaved them: they repeat the answer and expire within 48 hours',
  'events: ids and prices only, they expire within 7 days',
];

/** A seller's listings become tombstones, and nothing is saved any more; the person is no seller any more, since BatchGetUsers does not know them. */
export const eraseUser = ({ erasures, saveErasure, users, now }: Deps): Handle<UserErasureRequested> =>
  erasureHandler({
    report: reportTo(users),
    now,
    erase: async (ctx, userId) => {
      const before = await erasures.finished(ctx, userId);
      if (before !== undefined) return receipt(before);
      await erasures.eraseListings(ctx, userId);
      await saveErasure.eraseSaves(ctx, userId);
      const counts = await erasures.finish(ctx, userId);
      crashPoint('product.after-erase');
      return receipt(counts);
    },
  });

const receipt = ({ listings, saves }: ErasedCounts): Erased => ({ erased: { listings, saves }, kept: KEPT });
