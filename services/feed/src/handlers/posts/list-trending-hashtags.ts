import { trendingPage, type Context } from '@plaza/core';

import { scoreOf, tagOf } from '../../domain/posts/attention.ts';
import { mayMeetInPublic } from '../../domain/visible.ts';
import { toWindow } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

/** Of a hashtag's newest posts one of the first few mostly will do; only where none does are the others looked at. */
const FIRST = 4;
/** Where many are hidden the page goes out short, with a token: each read costs queries of all its hashtags. */
const MAX_ROUNDS = 2;

export const listTrendingHashtags =
  (deps: Deps): PostHandlers['listTrendingHashtags'] =>
  async (ctx, { pageSize, pageToken, ...request }) => {
    const { trending, pageTokens, now } = deps;
    const asked = { window: toWindow(request.window), pageSize, pageToken };
    const show = (ids: readonly string[]) => shownTags(ctx, deps, ids.map(tagOf));
    const { items, nextPageToken } = await trendingPage(ctx, asked, {
      ranking: trending.hashtags,
      show,
      pageTokens,
      now,
      maxRounds: MAX_ROUNDS,
    });
    return { hashtags: items.map(({ score, shown }) => ({ hashtag: shown, score: scoreOf(score) })), nextPageToken };
  };

/**
 * Those hashtags that the caller may meet at a PUBLIC post, aligned: a word that only hidden, deleted or edited posts had is told to
 * nobody. All hashtags of one read are judged at once, twice at most.
 */
const shownTags = async (ctx: Context, deps: Deps, tags: readonly string[]): Promise<(string | undefined)[]> => {
  const newest = await deps.tagPosts(ctx, tags);
  const shown = new Set<string>();
  for (const stretch of [[0, FIRST], [FIRST]]) {
    const candidates = tags.flatMap((tag) =>
      shown.has(tag) ? [] : (newest.get(tag) ?? []).slice(...stretch).map((id) => ({ tag, id })),
    );
    for (const tag of await metTags(ctx, deps, candidates)) shown.add(tag);
  }
  return tags.map((tag) => (shown.has(tag) ? tag : undefined));
};

/** By the posts as they are now: an edit may have taken the hashtag since the list was read. */
const metTags = async (
  ctx: Context,
  { reading }: Deps,
  candidates: readonly { tag: string; id: string }[],
): Promise<string[]> => {
  const ids = [...new Set(candidates.map(({ id }) => id))];
  if (ids.length === 0) return [];
  const looks = await reading.judge(ctx, ids, mayMeetInPublic);
  const tagsOf = new Map(looks.map((look, i) => [ids[i]!, look?.post.hashtags ?? []]));
  return candidates.flatMap(({ tag, id }) => (tagsOf.get(id)?.includes(tag) ? [tag] : []));
};
