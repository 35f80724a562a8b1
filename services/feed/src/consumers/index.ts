import type { GraphClients } from '@plaza/clients';
import type { Metrics } from '@plaza/core';
import {
  fanOutChunk,
  followCreated,
  followRemoved,
  followsImported,
  postCreated,
  postDeleted,
  type Bus,
  type Consumers,
  type EventType,
  type On,
} from '@plaza/events';

import type { Peers } from '../peers.ts';
import type { AppliedStore } from '../store/applied-store.ts';
import type { Backfill } from '../store/backfill.ts';
import type { HomeFeedStore } from '../store/home-feed-store.ts';
import type { PostReader } from '../store/post-reader.ts';
import type { ReceiptStore } from '../store/receipt-store.ts';
import { backfillFollow } from './backfill-follow.ts';
import { backfillImport } from './backfill-import.ts';
import { planFanOut } from './plan-fan-out.ts';
import { pushChunk } from './push-chunk.ts';
import { sweepFollow } from './sweep-follow.ts';
import { sweepPost } from './sweep-post.ts';

export interface Deps {
  readonly posts: PostReader;
  readonly homeFeeds: HomeFeedStore;
  readonly receipts: ReceiptStore;
  readonly applied: AppliedStore;
  readonly backfill: Backfill;
  readonly peers: Pick<Peers, 'verdicts'>;
  readonly graph: Pick<GraphClients['graph'], 'streamFollowers'>;
  readonly tasks: Pick<Bus, 'enqueue'>;
  readonly metrics: Metrics;
  readonly newId: () => string;
}

/** Streaming ten thousand followers and queueing their chunks takes seconds, not the moment that other events take. */
const PLAN_MS = 60_000;

/** All that the worker listens to. Concurrency is for two cores: beyond it only the table's queue grows. */
export const registerConsumers = (consumers: Consumers, deps: Deps): void => {
  consumers.on(postCreated, { durable: 'feed-plan-fan-out', handle: planFanOut(deps), concurrency: 4, ackWaitMs: PLAN_MS });
  consumers.onTask(fanOutChunk, { durable: 'feed-push-chunk', handle: pushChunk(deps), concurrency: 8 });

  // The receipt tells a fan-out that was done; these keep a note of each event.
  const onceEach = <T>(event: EventType<T>, on: On<T>) => consumers.on(event, { ...on, handle: noting(deps.applied, on) });
  onceEach(followCreated, { durable: 'feed-backfill-follow', handle: backfillFollow(deps), concurrency: 4 });
  onceEach(followsImported, { durable: 'feed-backfill-import', handle: backfillImport(deps), concurrency: 4 });
  onceEach(followRemoved, { durable: 'feed-sweep-follow', handle: sweepFollow(deps), concurrency: 4 });
  onceEach(postDeleted, { durable: 'feed-sweep-post', handle: sweepPost(deps), concurrency: 2, ackWaitMs: PLAN_MS });
};

const noting =
  <T>(applied: AppliedStore, { durable, handle }: On<T>): On<T>['handle'] =>
  async (ctx, payload, meta) => {
    if (await applied.has(ctx, durable, meta.id)) return;
    await handle(ctx, payload, meta);
    await applied.note(ctx, durable, meta.id);
  };
