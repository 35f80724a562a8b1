import { ERASE_MS, erasureHandler } from '@plaza/clients';
import type { On } from '@plaza/events';
import type { UserErasureRequested } from '@plaza/proto/plaza/user/v1/events';

import type { Deps } from './index.ts';

/** This service's part of an erasure. It waits as the others do, and reports to its own table. */
export const eraseAccount = ({ erasures, purges, now }: Deps): On<UserErasureRequested> => ({
  durable: 'user-erase-user',
  ackWaitMs: ERASE_MS,
  handle: async (ctx, event) => {
    const { userId } = event;
    const purge = await purges.get(ctx, userId);
    if (purge === undefined || purge.receipts.user !== undefined) return;
    const reportErasure = async (_: unknown, { erased = [], kept = [] }: Report) => {
      const counts = erased.map(({ kind = '', count = 0n }) => ({ kind, count }));
      await purges.report(ctx, userId, 'user', { erased: counts, kept });
      return {};
    };
    const erase = () => erasures.erase(ctx, userId);
    await erasureHandler({ users: { reportErasure }, erase, now })(ctx, event);
  },
});

/** As a client of UserService would send it. */
interface Report {
  readonly erased?: readonly { readonly kind?: string | undefined; readonly count?: bigint | undefined }[] | undefined;
  readonly kept?: readonly string[] | undefined;
}
