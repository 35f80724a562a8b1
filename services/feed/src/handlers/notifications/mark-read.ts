import type { Deps, NotificationHandlers } from '../index.ts';

export const markRead =
  ({ notices }: Deps): NotificationHandlers['markRead'] =>
  async (ctx, { userId, place }) => {
    await notices.markRead(ctx, userId, place);
    return {};
  };
