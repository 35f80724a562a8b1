import { userMessage } from '../mapping.ts';
import type { Deps, UserHandlers } from './index.ts';

export const batchGetUsers =
  ({ users }: Deps): UserHandlers['batchGetUsers'] =>
  async (ctx, { userIds }) => {
    const asked = [...new Set(userIds)];
    const found = await users.getMany(ctx, asked);
    return {
      users: asked.flatMap((userId) => found.get(userId) ?? []).map((user) => userMessage(user, ctx.caller)),
      missingIds: asked.filter((userId) => !found.has(userId)),
    };
  };
