/** What payloads of the graph's events are made of, for stores, which speak no other proto. */
export { FollowEnd, FollowRequestEnd, MuteScope } from '@plaza/proto/plaza/graph/v1/events';
