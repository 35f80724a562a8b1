import { callerKey, pageSizeOf } from '@plaza/core';

import { scoreMessage } from '../mapping.ts';
import type { Deps, LeaderboardHandlers } from './index.ts';

export const listTopScores =
  ({ scores, users, pageTokens }: Deps): LeaderboardHandlers['listTopScores'] =>
  async (ctx, { board, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: board };
    const size = pageSizeOf(pageSize);
    const from = pageTokens.decode<number>(scope, pageToken) ?? 0;
    // One more than asked for tells whether there is a next page.
    const standings = await scores.top(ctx, board, { from, limit: size + 1 });
    const page = standings.slice(0, size);
    const people = await users.getMany(
      ctx,
      page.map(({ userId }) => userId),
    );
    // Who was deleted is left out and keeps the place: the ranks of the others do not depend on it.
    const present = page.filter(({ userId }) => people.get(userId)?.state === 'ACTIVE');
    return {
      scores: present.map(scoreMessage),
      nextPageToken: standings.length > size ? pageTokens.encode(scope, from + size) : '',
    };
  };
