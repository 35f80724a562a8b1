import { callerKey, pageSizeOf } from '@plaza/core';

import { fillPage } from '../../domain/page.ts';
import { maySee } from '../../domain/visible.ts';
import { toMessage, viewerOf } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const listPosts =
  ({ posts, peers, pageTokens }: Deps): PostHandlers['listPosts'] =>
  async (ctx, { authorId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: authorId };
    const start = pageTokens.decode<{ before: string }>(scope, pageToken)?.before;
    const viewerId = viewerOf(ctx.caller);
    const verdicts = await peers.verdicts(ctx, viewerId, viewerId === authorId ? [] : [authorId]);
    const verdict = verdicts.get(authorId);
    // Not even the number of posts of somebody hidden shows, by pages that are empty but go on.
    if (verdict?.hidden === true) return { posts: [], nextPageToken: '' };
    const page = await fillPage(
      pageSizeOf(pageSize),
      start,
      (before, limit) => posts.timeline(ctx, authorId, before, limit),
      async (ids) => (await posts.getMany(ctx, ids)).map((post) => (maySee(post, viewerId, verdict) ? post : undefined)),
    );
    return {
      posts: page.items.map(toMessage),
      nextPageToken: page.before === undefined ? '' : pageTokens.encode(scope, { before: page.before }),
    };
  };
