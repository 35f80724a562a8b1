import type { Deps, SessionHandlers } from './index.ts';

export const checkSession =
  ({ sessions }: Deps): SessionHandlers['checkSession'] =>
  async (ctx, { userId, sessionId, epoch }) => {
    const { family } = await sessions.look(ctx, userId, sessionId);
    return { live: family !== undefined && BigInt(family.epoch) === epoch };
  };
