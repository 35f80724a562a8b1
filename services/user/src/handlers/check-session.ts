import type { Deps, SessionHandlers } from './index.ts';

export const checkSession =
  ({ sessions }: Deps): SessionHandlers['checkSession'] =>
  async (ctx, { userId, sessionId, epoch }) => ({
    live: await sessions.lives(ctx, userId, { id: sessionId, epoch: Number(epoch) }),
  });
