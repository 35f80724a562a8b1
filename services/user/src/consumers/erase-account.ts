import { ERASE_MS, erasureHandler, type Report } from '@plaza/clients';
import type { On } from '@plaza/events';
import type { UserErasureRequested } from '@plaza/proto/plaza/user/v1/events';

import type { Deps } from './index.ts';

/** This service's part of an erasure. It waits as the others do, and reports to its own table. */
export const eraseAccount = ({ erasures, purges, now }: Deps): On<UserErasureRequested> => {
  const report: Report = async (ctx, userId, { erased, kept }) => {
    const counts = Object.entries(erased).map(([kind, count]) => ({ kind, count }));
    await purges.report(ctx, userId, 'user', { erased: counts, kept });
  };
  const handle = erasureHandler({ erase: erasures.erase, report, now });
  return {
    durable: 'user-erase-user',
    ackWaitMs: ERASE_MS,
    handle: async (ctx, event, meta) => {
      const purge = await purges.get(ctx, event.userId);
      if (purge === undefined || purge.receipts.user !== undefined) return;
      await handle(ctx, event, meta);
    },
  };
};
