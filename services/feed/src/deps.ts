import type { Redis } from '@plaza/cache';
import type { GraphClients } from '@plaza/clients';
import { type Clock, type Context, createHub, type Hub, type Log, type Metrics, type PageTokens } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import type { Bus, Relay } from '@plaza/events';

import type { Deps } from './handlers/index.ts';
import { createFeedPages } from './feed-pages.ts';
import { createFeedReading } from './feed-reading.ts';
import type { Feeds } from './feeds.ts';
import { createLiveFeeds } from './live/live.ts';
import { createNoticeTokens } from './live/notice-tokens.ts';
import { createNoticeReading } from './notice-reading.ts';
import { createExplain } from './explain.ts';
import type { Peers } from './peers.ts';
import { createRankedPages } from './ranked-pages.ts';
import { createReading } from './reading.ts';
import { createNoticeReader } from './store/notifications/notice-reader.ts';
import { createEntryReader } from './store/home/entry-reader.ts';
import { createRankingStore } from './store/home/ranking-store.ts';
import { createReceiptStore } from './store/home/receipt-store.ts';
import { createEngagementStore } from './store/posts/engagement-store.ts';
import { createListReader } from './store/posts/list-reader.ts';
import { createPostEditor } from './store/posts/post-editor.ts';
import { createPostReader } from './store/posts/post-reader.ts';
import { createPostWriter } from './store/posts/post-writer.ts';
import { createPublicDays } from './store/posts/public-days.ts';
import { createRecountStore } from './store/posts/recount-store.ts';
import { withSharedGets } from './store/posts/shared-gets.ts';
import { createRevisionStore } from './store/posts/revision-store.ts';
import { createSaleStore } from './store/posts/sale-store.ts';
import { createTagPosts } from './store/posts/tag-posts.ts';
import { createTrending } from './store/posts/trending.ts';
import { createViewQueue } from './store/posts/view-queue.ts';
import { createVerify } from './verify.ts';

interface Parts {
  readonly db: Db;
  readonly redis: Redis;
  readonly namespace: string;
  readonly relay: Pick<Relay, 'nudge'>;
  readonly tasks: Pick<Bus, 'enqueue'>;
  readonly feeds: Feeds;
  readonly peers: Peers;
  readonly audiences: Pick<GraphClients['graph'], 'checkAudience'>;
  readonly pageTokens: PageTokens;
  readonly areAllCounted: (ctx: Context) => Promise<boolean>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: Clock;
  readonly newId: (now?: number) => string;
  readonly noticeHub?: Hub;
  readonly random?: () => number;
}

/** What the handlers need, from what the process has opened. Simulations open a table in memory. */
export const createDeps = (parts: Parts): Deps => {
  const { db, redis, namespace, relay, tasks, feeds, peers, audiences, pageTokens, areAllCounted, metrics, now, newId } = parts;
  const shared = withSharedGets(db);
  const reader = createPostReader({ db: shared });
  const lists = createListReader({ db, now });
  const days = createPublicDays({ db });
  const revisions = createRevisionStore({ db });
  const posts = {
    ...reader,
    ...createPostWriter({ db, relay, days, now, newId }),
    ...createPostEditor({ db, posts: reader, revisions, relay, days }),
  };
  const notices = createNoticeReader({ db, now });
  const reading = createReading({ posts, peers, pageTokens });
  const entries = createEntryReader({ db: shared });
  const feedReading = createFeedReading({ entries, peers });
  const feedPages = createFeedPages({ feedReading, metrics });
  const { skeleton, states, homeFeeds, timelines, sourcesOf } = feeds;
  const checker = createVerify({ skeleton, feedReading, timelines, sourcesOf, posts, entries, graph: audiences });
  return {
    checker,
    explain: createExplain({ skeleton, states, homeFeeds, timelines, feedReading, posts, checker, now }),
    posts,
    revisions,
    lists,
    reading,
    feedReading,
    feedPages,
    rankedPages: createRankedPages({ feedPages, feedReading, rankings: createRankingStore({ redis, namespace }), now }),
    engagements: createEngagementStore({ db, relay, newId, now }),
    recounts: createRecountStore({ db }),
    areAllCounted,
    views: createViewQueue({ tasks, now }),
    trending: createTrending({ db, redis, namespace }),
    tagPosts: createTagPosts({ lists }),
    sales: createSaleStore({ db, now }),
    skeleton,
    states,
    notices,
    noticeReading: createNoticeReading({ notices, posts, lists, peers }),
    noticeTokens: createNoticeTokens(pageTokens),
    noticeHub: parts.noticeHub ?? createHub(),
    liveFeeds: createLiveFeeds({ ...parts, posts, graph: audiences, feedReading, skeleton }),
    modes: feeds.modes,
    receipts: createReceiptStore({ db }),
    peers,
    pageTokens,
    metrics,
    now,
    random: parts.random ?? Math.random,
  };
};
