import type { Redis } from '@plaza/cache';
import type { Clock, Context, Metrics, PageTokens } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import type { Bus, Relay } from '@plaza/events';

import type { Deps } from './handlers/index.ts';
import { createFeedPages } from './feed-pages.ts';
import { createFeedReading } from './feed-reading.ts';
import type { Feeds } from './feeds.ts';
import type { Peers } from './peers.ts';
import { createRankedPages } from './ranked-pages.ts';
import { createReading } from './reading.ts';
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
import { createRevisionStore } from './store/posts/revision-store.ts';
import { createSaleStore } from './store/posts/sale-store.ts';
import { createTagPosts } from './store/posts/tag-posts.ts';
import { createTrending } from './store/posts/trending.ts';
import { createViewQueue } from './store/posts/view-queue.ts';

interface Parts {
  readonly db: Db;
  readonly redis: Redis;
  readonly namespace: string;
  readonly relay: Pick<Relay, 'nudge'>;
  readonly tasks: Pick<Bus, 'enqueue'>;
  readonly feeds: Feeds;
  readonly peers: Peers;
  readonly pageTokens: PageTokens;
  readonly areAllCounted: (ctx: Context) => Promise<boolean>;
  readonly metrics: Metrics;
  readonly now: Clock;
  readonly newId: (now?: number) => string;
}

/** What the handlers need, from what the process has opened. Simulations open a table in memory. */
export const createDeps = (parts: Parts): Deps => {
  const { db, redis, namespace, relay, tasks, feeds, peers, pageTokens, areAllCounted, metrics, now, newId } = parts;
  const reader = createPostReader({ db });
  const lists = createListReader({ db, now });
  const days = createPublicDays({ db });
  const revisions = createRevisionStore({ db });
  const posts = {
    ...reader,
    ...createPostWriter({ db, relay, days, now, newId }),
    ...createPostEditor({ db, posts: reader, revisions, relay, days }),
  };
  const reading = createReading({ posts, peers, pageTokens });
  const feedReading = createFeedReading({ entries: createEntryReader({ db }), peers });
  const feedPages = createFeedPages({ feedReading, metrics });
  return {
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
    skeleton: feeds.skeleton,
    states: feeds.states,
    modes: feeds.modes,
    receipts: createReceiptStore({ db }),
    peers,
    pageTokens,
    metrics,
    now,
  };
};
