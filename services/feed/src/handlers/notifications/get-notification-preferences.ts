import { toKinds } from '../../mapping-notices.ts';
import type { Deps, NotificationHandlers } from '../index.ts';

export const getNotificationPreferences =
  ({ notices }: Deps): NotificationHandlers['getNotificationPreferences'] =>
  async (ctx, { userId }) => ({ unwanted: toKinds((await notices.reading(ctx, userId)).unwanted) });
