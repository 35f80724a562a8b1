import { ERASE_MS, type UserClients } from '@plaza/clients';
import type { Clock, Metrics } from '@plaza/core';
import {
  fanOutChunk,
  feedRebuild,
  followCreated,
  followRemoved,
  followsImported,
  modeChunk,
  orderPaid,
  postCreated,
  postDeleted,
  postUpdated,
  postLiked,
  postViews,
  repostCreated,
  repostRemoved,
  userErasureRequested,
  type Consumers,
  type EventType,
  type Handle,
} from '@plaza/events';

import type { FanOut } from '../fan-out.ts';
import type { SourcesOf } from '../skeleton.ts';
import type { PayAttention } from '../attention.ts';
import type { LiveSignals } from '../live/live-signals.ts';
import type { Peers } from '../peers.ts';
import type { Pushing } from '../pushing.ts';
import type { AppliedStore } from '../store/home/applied-store.ts';
import type { Backfill } from '../store/home/backfill.ts';
import type { Deliver } from '../store/home/delivery.ts';
import type { FeedStateStore } from '../store/home/feed-state-store.ts';
import type { ErasureStore } from '../store/erasure-store.ts';
import type { HomeFeedStore } from '../store/home/home-feed-store.ts';
import type { PurchaseStore } from '../store/home/purchase-store.ts';
import type { SavedProducts } from '../store/home/saved-products.ts';
import type { StoryErasure } from '../store/home/story-erasure.ts';
import type { StoryStore } from '../store/home/story-store.ts';
import type { SourceTimelines } from '../store/home/source-timelines.ts';
import type { Truths } from '../store/home/truths.ts';
import type { Trim } from '../store/home/trim.ts';
import type { Turning } from '../store/home/turning.ts';
import type { CountStore } from '../store/posts/count-store.ts';
import type { EngagementErasure } from '../store/posts/engagement-erasure.ts';
import type { PostReader } from '../store/posts/post-reader.ts';
import type { SaleStore } from '../store/posts/sale-store.ts';
import type { ReceiptStore } from '../store/home/receipt-store.ts';
import { backfillFollow } from './backfill-follow.ts';
import { backfillImport } from './backfill-import.ts';
import { addCounting, COUNTS_IN_HAND } from './count-posts.ts';
import { countSales } from './count-sales.ts';
import { countViews } from './count-views.ts';
import { eraseUser } from './erase-user.ts';
import { followVisibility } from './follow-visibility.ts';
import { addSaves } from './keep-saves.ts';
import { planFanOut } from './plan-fan-out.ts';
import { planRepost } from './plan-repost.ts';
import { pushChunk } from './push-chunk.ts';
import { rebuildFeed } from './rebuild-feed.ts';
import { addPurchases } from './show-purchases.ts';
import { sweepFollow } from './sweep-follow.ts';
import { sweepPost } from './sweep-post.ts';
import { sweepRepost } from './sweep-repost.ts';
import { addNews } from './tell-news.ts';
import { trendLike } from './trend-like.ts';
import { trendPost } from './trend-post.ts';
import { trendRepost } from './trend-repost.ts';
import { turnFeeds } from './turn-feeds.ts';

export interface Deps {
  readonly posts: PostReader;
  readonly truths: Truths;
  readonly homeFeeds: HomeFeedStore;
  readonly states: FeedStateStore;
  readonly timelines: SourceTimelines;
  readonly pushing: Pushing;
  readonly turning: Turning;
  readonly trim: Trim;
  readonly receipts: ReceiptStore;
  readonly applied: AppliedStore;
  readonly deliver: Deliver;
  readonly backfill: Backfill;
  readonly erasures: ErasureStore;
  readonly engagementErasure: EngagementErasure;
  readonly storyErasure: StoryErasure;
  readonly stories: StoryStore;
  readonly purchases: PurchaseStore;
  readonly saves: SavedProducts;
  readonly counts: CountStore;
  readonly payAttention: PayAttention;
  readonly sales: Pick<SaleStore, 'count'>;
  readonly users: Pick<UserClients['users'], 'reportErasure'>;
  readonly peers: Pick<Peers, 'verdicts' | 'getProducts'>;
  readonly sourcesOf: SourcesOf;
  readonly fanOut: FanOut;
  readonly live: LiveSignals;
  readonly metrics: Metrics;
  readonly now: Clock;
}

/**
 * How long one try may take, which is also how long the messages of a worker that died wait for the next one: long enough for
 * a slow engine, short enough that feeds are whole again soon.
 */
const CHUNK_MS = 10_000;
const EVENT_MS = 15_000;
/** Streaming ten thousand followers and queueing their chunks takes seconds, a million once in a while a minute. */
const PLAN_MS = 60_000;
/** Most are of people with few followers, and done with it. */
const PLANS_IN_HAND = 16;

/**
 * A chunk has 16 batch writes in flight: three chunks leave a quarter of the table client's 64 sockets to what is planned meanwhile, and
 * more would only wait in line. One that is slow leaves two.
 */
const CHUNKS_IN_HAND = 3;
/** Of feeds that turn to a source's new mode: nobody waits for them. */
const TURNS_IN_HAND = 2;

/** Each reads some hundred timelines. */
const REBUILDS_IN_HAND = 2;

const VIEWS = 'feed-count-views';

/** All that the worker listens to. */
export const registerConsumers = (consumers: Consumers, deps: Deps): void => {
  addCounting(consumers, deps);
  addAttention(consumers, deps);
  addPurchases(consumers, deps);
  addNews(consumers, deps);
  consumers.on(postCreated, {
    durable: 'feed-plan-fan-out',
    handle: planFanOut(deps),
    concurrency: PLANS_IN_HAND,
    ackWaitMs: PLAN_MS,
  });
  consumers.on(postUpdated, {
    durable: 'feed-follow-visibility',
    handle: followVisibility(deps),
    concurrency: 4,
    ackWaitMs: PLAN_MS,
  });
  consumers.on(repostCreated, { durable: 'feed-plan-repost', handle: planRepost(deps), concurrency: 4, ackWaitMs: PLAN_MS });
  consumers.onTask(fanOutChunk, {
    durable: 'feed-push-chunk',
    handle: pushChunk(deps),
    concurrency: CHUNKS_IN_HAND,
    ackWaitMs: CHUNK_MS,
  });

  consumers.onTask(feedRebuild, {
    durable: 'feed-rebuild',
    handle: rebuildFeed(deps),
    concurrency: REBUILDS_IN_HAND,
    ackWaitMs: PLAN_MS,
  });

  addTurns(consumers, deps);
  consumers.on(userErasureRequested, {
    durable: 'feed-erase-user',
    handle: eraseUser(deps),
    concurrency: 2,
    ackWaitMs: ERASE_MS,
  });

  // The receipt tells a fan-out that was done; these keep a note of each event.
  const onceEach = <T>(event: EventType<T>, durable: string, handle: Handle<T>, ackWaitMs = EVENT_MS) =>
    consumers.on(event, { durable, handle: noting(deps.applied, durable, handle), concurrency: 4, ackWaitMs });
  onceEach(followCreated, 'feed-backfill-follow', backfillFollow(deps));
  onceEach(followsImported, 'feed-backfill-import', backfillImport(deps));
  onceEach(followRemoved, 'feed-sweep-follow', sweepFollow(deps));
  onceEach(postDeleted, 'feed-sweep-post', sweepPost(deps), PLAN_MS);
  addSaves(onceEach, deps);
  onceEach(repostRemoved, 'feed-sweep-repost', sweepRepost(deps), PLAN_MS);
};

/** What posts are looked at for, and what they sell. */
const addAttention = (consumers: Consumers, deps: Deps): void => {
  const by = <T>(durable: string, handle: Handle<T>) => ({ durable, handle, concurrency: COUNTS_IN_HAND });
  consumers.onTask(postViews, by(VIEWS, countViews(deps, VIEWS)));
  consumers.on(postLiked, by('feed-trend-like', trendLike(deps)));
  consumers.on(repostCreated, by('feed-trend-repost', trendRepost(deps)));
  consumers.on(postCreated, by('feed-trend-post', trendPost(deps)));
  consumers.on(orderPaid, by('feed-count-sales', countSales(deps)));
};

const addTurns = (consumers: Consumers, deps: Deps): void =>
  consumers.onTask(modeChunk, {
    durable: 'feed-turn-feeds',
    handle: turnFeeds(deps),
    concurrency: TURNS_IN_HAND,
    ackWaitMs: CHUNK_MS,
  });

const noting =
  <T>(applied: AppliedStore, durable: string, handle: Handle<T>): Handle<T> =>
  async (ctx, payload, meta) => {
    if (await applied.has(ctx, durable, meta.id)) return;
    await handle(ctx, payload, meta);
    await applied.note(ctx, durable, meta.id);
  };
