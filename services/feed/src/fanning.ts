import type { GraphClients } from '@plaza/clients';
import type { Clock, Context, Metrics } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import type { Bus } from '@plaza/events';

import { THRESHOLDS, type Thresholds } from './domain/home/mode.ts';
import { createFanOut } from './fan-out.ts';
import type { Feeds } from './feeds.ts';
import type { LiveSignals } from './live/live-signals.ts';
import { createCountFollowers, createModes } from './modes.ts';
import { createPushing } from './pushing.ts';
import { createAwake } from './store/home/awake.ts';
import { createBackfill } from './store/home/backfill.ts';
import type { Deliver } from './store/home/delivery.ts';
import { createReceiptStore } from './store/home/receipt-store.ts';
import type { Truths } from './store/home/truths.ts';
import { createTrim } from './store/home/trim.ts';
import { createTurning } from './store/home/turning.ts';

/** All by which the worker brings entries into feeds. */
export const createFanning = (parts: {
  readonly db: Db;
  readonly feeds: Feeds;
  readonly truths: Truths;
  readonly deliver: Deliver;
  readonly graph: Pick<GraphClients['graph'], 'streamFollowers' | 'batchGetCounts'>;
  readonly tasks: Pick<Bus, 'enqueue'>;
  readonly live: LiveSignals;
  readonly thresholds?: Thresholds | undefined;
  readonly metrics: Metrics;
  readonly now: Clock;
  readonly newId: () => string;
}) => {
  const { db, feeds, truths, deliver, graph, tasks, live, thresholds = THRESHOLDS, metrics, now, newId } = parts;
  const { homeFeeds, timelines, states, modes, saves, sourcesOf } = feeds;
  const receipts = createReceiptStore({ db });
  const followersOf = (ctx: Context, authorId: string) => graph.streamFollowers(ctx, { authorId });
  const pushing = createPushing({
    truths,
    homeFeeds,
    deliver,
    awake: createAwake({ states, now }),
    receipts,
    live,
    metrics,
    now,
  });
  const deciding = createModes({
    modes,
    timelines,
    receipts,
    followersOf,
    countFollowers: createCountFollowers(graph),
    tasks,
    thresholds,
    now,
    newId,
  });
  return {
    homeFeeds,
    timelines,
    states,
    sourcesOf,
    truths,
    deliver,
    live,
    receipts,
    pushing,
    backfill: createBackfill({ timelines, modes, states, deliver, now }),
    trim: createTrim({ db, states }),
    turning: createTurning({ modes, states, timelines, deliver, now }),
    fanOut: createFanOut({
      followersOf: (ctx, { sourceId, audience }) =>
        audience === 'SAVERS' ? saves.savers(ctx, sourceId) : followersOf(ctx, sourceId),
      tasks,
      timelines,
      modes: deciding,
      pushing,
      receipts,
      live,
      newId,
    }),
  };
};
