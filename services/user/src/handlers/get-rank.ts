import { scoreNotFound } from '../domain/errors.ts';
import { scoreMessage } from '../mapping.ts';
import type { Deps, LeaderboardHandlers } from './index.ts';

export const getRank =
  ({ scores, users }: Deps): LeaderboardHandlers['getRank'] =>
  async (ctx, { board, userId }) => {
    const person = await users.get(ctx, userId);
    if (person?.state !== 'ACTIVE') throw scoreNotFound();
    const standing = await scores.find(ctx, board, userId);
    if (standing === undefined) throw scoreNotFound();
    return { score: scoreMessage(standing) };
  };
