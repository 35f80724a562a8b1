import { callerKey } from '@plaza/core';

import type { Deps, GraphHandlers } from './index.ts';

/** As many ids as a message of StreamFollowers has. */
const CHUNK = 500;

export const streamFollowing = ({ lists, pageTokens }: Deps): GraphHandlers['streamFollowing'] =>
  async function* (ctx, { followerId, resumeToken }) {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: followerId };
    const after = pageTokens.decode<string>(scope, resumeToken);
    for await (const rows of lists.oldest(ctx, 'FT', followerId, { size: CHUNK, after }))
      yield { followeeIds: rows.map(({ userId }) => userId), resumeToken: pageTokens.encode(scope, rows.at(-1)!.place) };
  };
