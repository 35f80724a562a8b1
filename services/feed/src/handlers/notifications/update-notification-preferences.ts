import { kindsIn, toKinds } from '../../mapping-notices.ts';
import type { Deps, NotificationHandlers } from '../index.ts';

export const updateNotificationPreferences =
  ({ notices }: Deps): NotificationHandlers['updateNotificationPreferences'] =>
  async (ctx, { userId, unwanted }) => {
    const kinds = kindsIn(unwanted);
    await notices.setUnwanted(ctx, userId, kinds);
    return { unwanted: toKinds(kinds) };
  };
