import type { Deps, GraphHandlers } from './index.ts';

export const setStanding =
  ({ standings }: Deps): GraphHandlers['setStanding'] =>
  async (ctx, { userId, version, isPrivate, gone }) => {
    await standings.set(ctx, userId, Number(version), { isPrivate, gone });
    return {};
  };
