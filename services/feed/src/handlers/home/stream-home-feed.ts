import type { Deps, FeedHandlers } from '../index.ts';

export const streamHomeFeed = ({ liveFeeds }: Deps): FeedHandlers['streamHomeFeed'] => {
  const { streamFeed, resumeTokens } = liveFeeds;
  return async function* (ctx, { viewerId, resumeToken }) {
    const from = resumeTokens.decode(ctx, viewerId, resumeToken);
    for await (const { item, position } of streamFeed(ctx, viewerId, from))
      yield { item, resumeToken: resumeTokens.encode(ctx, viewerId, position) };
  };
};
