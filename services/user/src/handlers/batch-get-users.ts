import { userMessage } from '../mapping.ts';
import type { Deps, UserHandlers } from './index.ts';

/** Other services take everybody who is not in the answer for gone, so it holds the living alone, whoever asks. */
export const batchGetUsers =
  ({ users }: Deps): UserHandlers['batchGetUsers'] =>
  async (ctx, { userIds }) => {
    const asked = [...new Set(userIds)];
    const known = await users.getMany(ctx, asked);
    const living = asked.flatMap((userId) => known.get(userId) ?? []).filter(({ state }) => state === 'ACTIVE');
    const found = new Set(living.map(({ userId }) => userId));
    return {
      users: living.map((user) => userMessage(user, ctx.caller)),
      missingIds: asked.filter((userId) => !found.has(userId)),
    };
  };
