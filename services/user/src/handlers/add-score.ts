import type { Deps, LeaderboardHandlers } from './index.ts';

export const addScore =
  ({ scores }: Deps): LeaderboardHandlers['addScore'] =>
  async (ctx, { board, userId, delta, eventId }) => {
    // The schema keeps it far below what a number counts exactly.
    const score = await scores.add(ctx, board, { eventId, userId, delta: Number(delta) });
    return { userId, score: BigInt(score) };
  };
