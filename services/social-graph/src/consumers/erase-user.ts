import { erasureHandler, reportTo, type Erased } from '@plaza/clients';
import { crashPoint } from '@plaza/core';
import type { Handle } from '@plaza/events';
import type { UserErasureRequested } from '@plaza/proto/plaza/user/v1/events';

import type { ErasedTies } from '../domain/erasure.ts';
import type { Deps } from './index.ts';

const KEPT = [
  'mutes of the person by others: ids only, the muters may end them',
  'that the person is gone, so that nothing is tied to them any more',
  'requests: a hash of each, they expire within 48 hours',
  'events: ids only, they expire within 7 days',
  'events that could not be handled: ids only, they expire within 90 days',
  'refusals in receipts of imports: ids only, they expire within 7 days',
  'the number of followers, 0 once all events are counted: it expires in 8 days',
];

/** Every tie of the person goes, each with its event, so that the counts of others converge and feeds are swept. */
export const eraseUser = ({ erasures, users, now }: Deps): Handle<UserErasureRequested> =>
  erasureHandler({
    report: reportTo(users),
    now,
    erase: async (ctx, userId) => {
      const before = await erasures.finished(ctx, userId);
      if (before) return receipt(before);
      await erasures.cutTies(ctx, userId);
      const ties = await erasures.finish(ctx, userId);
      crashPoint('graph.after-erase');
      return receipt(ties);
    },
  });

const receipt = (erased: ErasedTies): Erased => ({ erased, kept: KEPT });
