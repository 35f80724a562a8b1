import { idTime, type Context } from '@plaza/core';
import { FeedReason, type FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';

import type { Entry } from './domain/home/entry.ts';
import type { Look } from './domain/posts/look.ts';
import { belongsInFeed } from './domain/visible.ts';
import type { Reading } from './reading.ts';

/** An entry that a viewer may be shown, as it was read. */
export interface Seen {
  readonly entry: Entry;
  readonly look: Look;
}

export type FeedReading = ReturnType<typeof createFeedReading>;

/** The one way from entries to items of a feed: read, judged and presented, each by one call, as reading.ts does it for posts. */
export const createFeedReading = ({ reading }: { reading: Reading }) => ({
  /**
   * Those of the entries that the viewer may be shown, aligned.
   * @throws UNAVAILABLE VISIBILITY_UNKNOWN
   */
  async judge(ctx: Context, entries: readonly Entry[], viewerId: string): Promise<(Seen | undefined)[]> {
    const postIds = entries.flatMap((entry) => (entry.kind === 'POST' ? [entry.postId] : []));
    const looks = postIds.length === 0 ? [] : await reading.judge(ctx, postIds, belongsInFeed, viewerId);
    const byId = new Map(postIds.map((id, i) => [id, looks[i]]));
    return entries.map((entry) => {
      const look = entry.kind === 'POST' ? byId.get(entry.postId) : undefined;
      return look && { entry, look };
    });
  },

  async present(ctx: Context, seen: readonly Seen[]): Promise<FeedItem[]> {
    const posts = await reading.present(
      ctx,
      seen.map(({ look }) => look),
    );
    return seen.map(({ entry }, i) => ({
      post: posts[i],
      reason: FeedReason.FOLLOW,
      itemId: entry.key,
      by: [],
      itemTime: new Date(idTime(entry.place)),
      productCards: [],
      news: undefined,
    }));
  },
});
