import type { Context } from '@plaza/core';
import type { FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';

import { peopleIn, repostBelongs, storyBelongs, type Verdicts } from './domain/home/belongs.ts';
import type { Entry } from './domain/home/entry.ts';
import type { Purchase, News } from './domain/home/story.ts';
import type { Look } from './domain/posts/look.ts';
import { authorsToCheck, belongsInFeed } from './domain/visible.ts';
import { toFeedItem, viewerOf } from './mapping.ts';
import type { Peers } from './peers.ts';
import type { EntryReader, Found } from './store/home/entry-reader.ts';

/** An entry that a viewer may be shown, as it was read. */
export interface Seen {
  readonly entry: Entry;
  /** Of posts and reposts. */
  readonly look?: Look;
  /** Of purchases and product news. */
  readonly story?: Purchase | News;
  /** Who passed the post on, bought, or sells. */
  readonly by: readonly string[];
}

export type FeedReading = ReturnType<typeof createFeedReading>;

/** The one way from entries to items of a feed: read, judged and presented, each by one call, as reading.ts does it for posts. */
export const createFeedReading = (deps: { entries: EntryReader; peers: Pick<Peers, 'verdicts' | 'decorate'> }) => {
  const { entries: reader, peers } = deps;
  return {
    /**
     * Those of the entries that the viewer may be shown, aligned.
     * @throws UNAVAILABLE VISIBILITY_UNKNOWN
     */
    async judge(ctx: Context, entries: readonly Entry[], viewerId: string): Promise<(Seen | undefined)[]> {
      if (entries.length === 0) return [];
      const callerId = viewerOf(ctx.caller);
      const found = await reader.look(ctx, entries, { viewerId, callerId });
      const authors = authorsToCheck(
        found.map(({ look }) => look?.post),
        callerId,
      );
      const sources = found.flatMap(({ story }) => (story ? peopleIn(story) : [])).filter((id) => id !== callerId);
      const verdicts = await peers.verdicts(ctx, viewerId, [...authors, ...sources]);
      return entries.map((entry, i) => judged(entry, found[i]!, viewerId, verdicts));
    },

    /**
     * Authors, actors and products as they are now, each by one call. What cannot be had is left out of an item; an item all of whose
     * products are gone is left out itself.
     */
    async present(ctx: Context, seen: readonly Seen[]): Promise<FeedItem[]> {
      const decoration = await peers.decorate(ctx, {
        users: seen.flatMap(({ look, by }) => [...(look ? [look.post.authorId] : []), ...by]),
        products: seen.flatMap(({ look, story }) => look?.post.productIds ?? (story ? productsIn(story) : [])),
      });
      return seen.flatMap((one) => toFeedItem(one, decoration) ?? []);
    },
  };
};

const judged = (entry: Entry, { look, story, isKept }: Found, viewerId: string, verdicts: Verdicts): Seen | undefined => {
  switch (entry.kind) {
    case 'POST': {
      const post = look?.post;
      if (!look || !belongsInFeed(post, viewerId, post && verdicts.get(post.authorId))) return undefined;
      return { entry, look: { ...look, post }, by: [] };
    }
    case 'REPOST': {
      const post = look?.post;
      if (!look || story?.kind !== 'REPOST' || story.postId !== entry.postId) return undefined;
      if (!repostBelongs(post, entry.sourceId, viewerId, verdicts)) return undefined;
      return { entry, look: { ...look, post }, by: [entry.sourceId] };
    }
    case 'STORY': {
      if (!story || story.kind === 'REPOST' || !storyBelongs(story, viewerId, verdicts, isKept)) return undefined;
      return { entry, story, by: story.kind === 'NEWS' && story.sourceId === story.productId ? [] : [story.sourceId] };
    }
  }
};

const productsIn = (story: Purchase | News): readonly string[] => (story.kind === 'NEWS' ? [story.productId] : story.productIds);
