import { defineCounter, defineGauge, defineHistogram, LAG_BUCKETS } from '@plaza/core';

export const fanoutRows = defineCounter('feed_fanout_rows_total', 'Home feed rows written by the fan-out');
export const fanoutLag = defineHistogram(
  'feed_fanout_lag_seconds',
  'From a post or its last edit to its rows in the feeds of one chunk',
  [],
  LAG_BUCKETS,
);
export const refillRounds = defineHistogram(
  'feed_refill_rounds',
  'Rounds that one page of a home feed took',
  [],
  [1, 2, 3, 4, 6, 8, 10],
);
export const liveArrivals = defineCounter('feed_live_arrivals_total', 'Entries for open streams, by what became of them', [
  'outcome',
]);
export const attributedOrders = defineCounter(
  'feed_attributed_orders_total',
  'Deliveries of paid orders that name a post, by what became of that',
  ['outcome'],
);
export const auditItems = defineCounter('feed_audit_items_total', 'Items of feeds that the auditor compared with the truth');
export const auditFaults = defineCounter('feed_audit_inconsistencies_total', 'Items that were found wrong twice', ['kind']);
export const auditRate = defineGauge('feed_audit_inconsistencies_per_million', 'Items found wrong, of a million compared');
