import { maySee } from '../../domain/visible.ts';
import { viewerOf } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const listPosts =
  ({ lists, reading, peers }: Deps): PostHandlers['listPosts'] =>
  async (ctx, { authorId, pageSize, pageToken }) => {
    const viewerId = viewerOf(ctx.caller);
    const verdicts = await peers.verdicts(ctx, viewerId, viewerId === authorId ? [] : [authorId]);
    // Not even the number of posts of somebody hidden shows, by pages that are empty but go on.
    if (verdicts.get(authorId)?.hidden === true) return { posts: [], nextPageToken: '' };
    return reading.page(ctx, { pageSize, pageToken, filter: authorId }, { list: lists.author(authorId), rule: maySee });
  };
