import { LRUCache } from '@plaza/cache';
import { inLanes, type Context } from '@plaza/core';

import type { ListReader, ListRow } from './list-reader.ts';

/** Everybody asks about the same hashtags, those that trend; four queries each are too dear for every page. */
const KEPT_MS = 5000;
const MOST = 2000;
/** How far down a hashtag's posts one looks, for so many that are PUBLIC, of so many of one author: nobody must be able to fill them. */
const LOOK = 40;
const PROPOSED = 8;
const OF_ONE_AUTHOR = 2;
/** Hashtags looked up at a time. */
const IN_FLIGHT = 8;

export type TagPosts = ReturnType<typeof createTagPosts>;

/**
 * Some of the newest PUBLIC posts of hashtags, the last first, as they were some seconds ago. They only propose, and cost whoever trusts them no more
 * than a post that is younger: what a post is now is read from itself.
 */
export const createTagPosts = ({ lists }: { lists: Pick<ListReader, 'spread'> }) => {
  const known = new LRUCache<string, readonly string[]>({ max: MOST, ttl: KEPT_MS });
  return async (ctx: Context, tags: readonly string[]): Promise<Map<string, readonly string[]>> => {
    const found = new Map<string, readonly string[]>();
    await inLanes(tags, IN_FLIGHT, async (tag) => {
      let ids = known.get(tag);
      if (ids === undefined) {
        const { rows } = await lists.spread('HASHTAG', tag)(ctx, undefined, LOOK);
        ids = proposed(rows);
        known.set(tag, ids);
      }
      found.set(tag, ids);
    });
    return found;
  };
};

const proposed = (rows: readonly ListRow[]): string[] => {
  const byAuthor = Map.groupBy(
    rows.filter(({ item }) => item['visibility'] === 'PUBLIC'),
    ({ item }) => item['authorId'],
  );
  const some = [...byAuthor.values()].flatMap((posts) => posts.slice(0, OF_ONE_AUTHOR).map(({ id }) => id));
  return some.toSorted((a, b) => (a < b ? 1 : -1)).slice(0, PROPOSED);
};
