import type { GraphClients } from '@plaza/clients';
import { type Clock, createHub, type Log, type Metrics, type PageTokens } from '@plaza/core';

import type { FeedReading } from '../feed-reading.ts';
import type { Skeleton } from '../skeleton.ts';
import type { PostReader } from '../store/posts/post-reader.ts';
import { createArrivals } from './arrivals.ts';
import { createAudience } from './audience.ts';
import { createResumeTokens } from './resume-tokens.ts';
import { createSeats } from './seats.ts';
import { createStreamFeed } from './stream-feed.ts';

export type LiveFeeds = ReturnType<typeof createLiveFeeds>;

/** Streams of home feeds: `arrivals` hears the bus, `streamFeed` tells. */
export const createLiveFeeds = (parts: {
  readonly posts: Pick<PostReader, 'look' | 'mineOf'>;
  readonly graph: Pick<GraphClients['graph'], 'checkAudience'>;
  readonly feedReading: FeedReading;
  readonly skeleton: Skeleton;
  readonly pageTokens: PageTokens;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: Clock;
  /** Spreads the looks of many streams over time. */
  readonly random?: () => number;
}) => {
  const { posts, graph, feedReading, skeleton, pageTokens, log, metrics, now, random = Math.random } = parts;
  const seats = createSeats({ hub: createHub(), now, random });
  return {
    seats,
    arrivals: createArrivals({ seats, itemsFor: createAudience({ posts, graph, feedReading }), log, metrics, now }),
    streamFeed: createStreamFeed({ seats, skeleton, feedReading, now }),
    resumeTokens: createResumeTokens({ pageTokens }),
  };
};
