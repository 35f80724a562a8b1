import * as cache from '@plaza/cache/metrics';
import type { Metric } from '@plaza/core';
import * as dynamo from '@plaza/dynamo/metrics';
import * as events from '@plaza/events/metrics';
import * as feed from '@plaza/feed/metrics';
import * as order from '@plaza/order/metrics';
import * as product from '@plaza/product/metrics';
import * as rpc from '@plaza/rpc/metrics';
import * as graph from '@plaza/social-graph/metrics';

/** Every metric that a process of Plaza can have. */
export const METRICS: readonly Metric[] = [rpc, dynamo, cache, events, feed, order, product, graph].flatMap((part) =>
  Object.values(part),
);
