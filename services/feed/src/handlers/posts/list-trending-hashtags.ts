import { trendingPage, type Context } from '@plaza/core';

import { scoreOf, tagOf } from '../../domain/posts/attention.ts';
import { mayMeetInPublic } from '../../domain/visible.ts';
import { toWindow } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

/** How far down a hashtag's posts one looks for one that the caller may see: the newest few first, which mostly will do. */
const LOOK = 20;
const FIRST = 4;

export const listTrendingHashtags =
  (deps: Deps): PostHandlers['listTrendingHashtags'] =>
  async (ctx, { pageSize, pageToken, ...request }) => {
    const { trending, pageTokens, now } = deps;
    const asked = { window: toWindow(request.window), pageSize, pageToken };
    const show = (ids: readonly string[]) => shownTags(ctx, deps, ids.map(tagOf));
    const { items, nextPageToken } = await trendingPage(ctx, asked, { ranking: trending.hashtags, show, pageTokens, now });
    return { hashtags: items.map(({ score, shown }) => ({ hashtag: shown, score: scoreOf(score) })), nextPageToken };
  };

/**
 * Those hashtags that the caller may meet at a PUBLIC post, aligned: a word that only hidden, deleted or edited posts had is told to
 * nobody. All hashtags of a page are judged at once, twice at most.
 */
const shownTags = async (ctx: Context, { lists, reading }: Deps, tags: readonly string[]): Promise<(string | undefined)[]> => {
  const newest = await Promise.all(tags.map((tag) => lists.spread('HASHTAG', tag)(ctx, undefined, LOOK)));
  const shown = new Set<string>();
  for (const [from, to] of [
    [0, FIRST],
    [FIRST, LOOK],
  ]) {
    const candidates = tags.flatMap((tag, i) =>
      shown.has(tag) ? [] : newest[i]!.rows.slice(from, to).map(({ id }) => ({ tag, id })),
    );
    if (candidates.length === 0) continue;
    const ids = [...new Set(candidates.map(({ id }) => id))];
    const looks = await reading.judge(ctx, ids, mayMeetInPublic);
    const seen = new Map(looks.map((look, i) => [ids[i]!, look?.post]));
    // By the post as it is now: an edit may have taken the hashtag between the two reads.
    for (const { tag, id } of candidates) if (seen.get(id)?.hashtags.includes(tag)) shown.add(tag);
  }
  return tags.map((tag) => (shown.has(tag) ? tag : undefined));
};
