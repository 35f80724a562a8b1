import { callerKey, type Context, type PageTokens } from '@plaza/core';

import { fromPositionText, toPositionText, type Position, type PositionText } from './position.ts';

/** Also the tokens that ListHomeFeed gives are good for this method alone. */
const METHOD = 'plaza.feed.v1.FeedService/StreamHomeFeed';

export type ResumeTokens = ReturnType<typeof createResumeTokens>;

/** Where a stream goes on, in any process, and after any restart. */
export const createResumeTokens = ({ pageTokens }: { pageTokens: PageTokens }) => {
  const scopeOf = (ctx: Context, viewerId: string) => ({
    method: METHOD,
    caller: callerKey(ctx.caller),
    filter: viewerId,
    field: 'resume_token',
  });
  return {
    encode: (ctx: Context, viewerId: string, position: Position): string =>
      pageTokens.encode(scopeOf(ctx, viewerId), toPositionText(position)),

    /** @throws INVALID_ARGUMENT PAGE_TOKEN_INVALID */
    decode: (ctx: Context, viewerId: string, token: string): Position | undefined => {
      const text = pageTokens.decode<PositionText>(scopeOf(ctx, viewerId), token);
      return text && fromPositionText(text);
    },
  };
};
