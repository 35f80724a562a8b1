import type { Deps, FeedAdminHandlers } from '../index.ts';

export const rebuildFeed =
  ({ skeleton }: Deps): FeedAdminHandlers['rebuildFeed'] =>
  async (ctx, { viewerId }) => {
    const { epoch } = await skeleton.rebuild(ctx, viewerId);
    return { epoch: BigInt(epoch) };
  };
