import { defineCounter, defineGauge, defineHistogram, LAG_BUCKETS } from '@plaza/core';

export const busConnected = defineGauge('bus_connected', 'Whether the event bus is connected: 1 or 0');

export const outboxPending = defineGauge('outbox_pending', 'Outbox rows that wait to be published, at most 400 of them counted');
export const outboxOldest = defineGauge('outbox_oldest_seconds', 'Age of the oldest outbox row');
export const outboxLag = defineHistogram(
  'outbox_lag_seconds',
  'From the making of an event to its acknowledgement by the bus',
  [],
  LAG_BUCKETS,
);
export const eventsPublished = defineCounter('events_published_total', 'Events acknowledged by the bus', ['subject']);

export const consumerPending = defineGauge(
  'events_consumer_pending',
  'Messages of a durable that wait or are in hand, in all processes together',
  ['durable'],
);
export const eventsConsumed = defineCounter('events_consumed_total', 'Deliveries by outcome', ['durable', 'result']);
export const eventsDead = defineCounter('events_dead_total', 'Messages given up on', ['durable']);
export const eventsLag = defineHistogram(
  'events_lag_seconds',
  'From the happening to the end of its handling',
  ['durable'],
  LAG_BUCKETS,
);

export const sessionWatchSure = defineGauge('session_watch_sure', 'Whether no end of a session can be missed: 1 or 0');
export const sessionEndsHeard = defineCounter('session_ends_heard_total', 'Ends of sessions heard of');
