import { callerKey, type Context, type PageTokens } from '@plaza/core';

import { fromText, toText, type Cursor, type CursorText } from './cursor.ts';

/** Names the tokens, whichever call gives them. */
const METHOD = 'plaza.feed.v1.NotificationService/StreamNotifications';

export type NoticeTokens = ReturnType<typeof createNoticeTokens>;

/** By which a stream of notifications goes on: good for one user and one caller alone. */
export const createNoticeTokens = (tokens: PageTokens) => {
  const scopeOf = (ctx: Context, userId: string) => ({
    method: METHOD,
    caller: callerKey(ctx.caller),
    filter: userId,
    field: 'resume_token',
  });
  return {
    encode: (ctx: Context, userId: string, cursor: Cursor): string => tokens.encode(scopeOf(ctx, userId), toText(cursor)),

    /** @throws INVALID_ARGUMENT PAGE_TOKEN_INVALID */
    decode(ctx: Context, userId: string, token: string): Cursor | undefined {
      const text = tokens.decode<CursorText>(scopeOf(ctx, userId), token);
      return text && fromText(text);
    },
  };
};
