import { callerKey, pageSizeOf, type Context } from '@plaza/core';

import { fillPage } from '../../domain/page.ts';
import type { Post } from '../../domain/posts/post.ts';
import { authorsToCheck, belongsInFeed } from '../../domain/visible.ts';
import { toFeedItem, viewerOf } from '../../mapping.ts';
import type { Deps, FeedHandlers } from '../index.ts';

/** Skeleton, hydration and rules until the page is full, then presentation. Everything that decides is read anew at each call. */
export const listHomeFeed = (deps: Deps): FeedHandlers['listHomeFeed'] => {
  const { homeFeeds, pageTokens, metrics } = deps;
  const refills = metrics.histogram('feed_refill_rounds', 'Rounds that one page of a home feed took', []);
  return async (ctx, { viewerId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: viewerId };
    const start = pageTokens.decode<{ before: string }>(scope, pageToken)?.before;
    const page = await fillPage(
      pageSizeOf(pageSize),
      start,
      (before, limit) => homeFeeds.page(ctx, viewerId, before, limit),
      (ids) => hydrateAndJudge(ctx, deps, viewerId, ids),
    );
    refills.observe({}, page.rounds);
    return {
      items: await present(ctx, deps, page.items),
      nextPageToken: page.before === undefined ? '' : pageTokens.encode(scope, { before: page.before }),
    };
  };
};

/** The posts among these ids that belong in the feed now, by one question to the graph. */
const hydrateAndJudge = async (ctx: Context, { posts, peers }: Deps, viewerId: string, ids: readonly string[]) => {
  const found = await posts.getMany(ctx, ids);
  const verdicts = await peers.verdicts(ctx, viewerId, authorsToCheck(found, viewerOf(ctx.caller)));
  return found.map((post) => (belongsInFeed(post, viewerId, verdicts.get(post?.authorId ?? '')) ? post : undefined));
};

/** Only for what is shown: a decoration is never worth a refusal, nor a call in vain. */
const present = async (ctx: Context, { peers }: Deps, shown: readonly Post[]) => {
  const { users, products } = await peers.decorate(ctx, {
    users: shown.map(({ authorId }) => authorId),
    products: shown.flatMap(({ productIds }) => productIds),
  });
  return shown.map((post) => toFeedItem(post, users, products));
};
