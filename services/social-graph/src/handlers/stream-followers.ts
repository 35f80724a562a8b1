import { callerKey } from '@plaza/core';

import type { Deps, GraphHandlers } from './index.ts';

/** One task of the fan-out. */
const CHUNK = 500;

export const streamFollowers = ({ lists, pageTokens }: Deps): GraphHandlers['streamFollowers'] =>
  async function* (ctx, { authorId, resumeToken }) {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: authorId };
    const after = pageTokens.decode<string>(scope, resumeToken);
    for await (const rows of lists.oldest(ctx, 'FR', authorId, { size: CHUNK, after }))
      yield { followerIds: rows.map(({ userId }) => userId), resumeToken: pageTokens.encode(scope, rows.at(-1)!.place) };
  };
