import type { Deps, FeedAdminHandlers } from '../index.ts';

export const explainFeedItem =
  ({ explain }: Deps): FeedAdminHandlers['explainFeedItem'] =>
  async (ctx, { viewerId, postId }) => {
    const { shown, rules } = await explain(ctx, viewerId, postId);
    return { shown, rules: [...rules] };
  };
