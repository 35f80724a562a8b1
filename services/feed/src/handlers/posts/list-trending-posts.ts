import { trendingPage } from '@plaza/core';

import { scoreOf } from '../../domain/posts/attention.ts';
import { mayMeetInPublic } from '../../domain/visible.ts';
import { toWindow } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const listTrendingPosts =
  ({ trending, reading, pageTokens, now }: Deps): PostHandlers['listTrendingPosts'] =>
  async (ctx, { pageSize, pageToken, ...request }) => {
    const asked = { window: toWindow(request.window), pageSize, pageToken };
    const show = (postIds: readonly string[]) => reading.judge(ctx, postIds, mayMeetInPublic);
    const { items, nextPageToken } = await trendingPage(ctx, asked, { ranking: trending.posts, show, pageTokens, now });
    const posts = await reading.present(
      ctx,
      items.map(({ shown }) => shown),
    );
    return { posts: posts.map((post, i) => ({ post, score: scoreOf(items[i]!.score) })), nextPageToken };
  };
