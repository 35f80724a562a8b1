export * from './catalogue.ts';
/** What payloads of the graph's events are made of, for the stores, which speak no other proto. */
export { FollowEnd, FollowRequestEnd, MuteScope } from '@plaza/proto/plaza/graph/v1/events';
export * from './dead-letter.ts';
export * from './declare.ts';
export * from './outbox-row.ts';
export { startBeat } from './beat.ts';
export type { Bus } from './bus.ts';
export { connectBus } from './bus.ts';
export type { Consumers, Handle, Meta, On } from './consumers.ts';
export { createConsumers } from './consumers.ts';
export { eventAdminHandlers } from './event-admin.ts';
export type { Heard, Listening } from './listen.ts';
export { listen } from './listen.ts';
export { queueName, streamName } from './names.ts';
export type { OutboxStatus, Relay } from './relay.ts';
export { createRelay } from './relay.ts';
export type { RevocationWatch } from './revocation-watch.ts';
export { watchRevocations } from './revocation-watch.ts';
