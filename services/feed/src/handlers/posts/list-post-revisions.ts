import { callerKey, fillPage, pageSizeOf } from '@plaza/core';

import type { Revision } from '../../domain/posts/edit.ts';
import { toRevision } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

/** Each revision is judged as if it were the post: who makes a PRIVATE post PUBLIC does not publish what it said before. */
export const listPostRevisions =
  ({ reading, revisions, pageTokens }: Deps): PostHandlers['listPostRevisions'] =>
  async (ctx, { postId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: postId };
    const size = pageSizeOf(pageSize);
    const start = pageTokens.decode<number>(scope, pageToken);
    const mayRead = await reading.pastOf(ctx, postId);
    const page = await fillPage<Revision, number>(size, start, async (before) => {
      const found = await revisions.list(ctx, postId, before, size);
      return {
        entries: found.revisions.map((revision) => ({
          place: revision.post.version,
          item: mayRead(revision.post) ? revision : undefined,
        })),
        end: found.end,
      };
    });
    return {
      revisions: page.items.map(toRevision),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
