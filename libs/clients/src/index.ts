export { ERASE_MS, erasureHandler, type Erased } from './erasure.ts';
export { eventAdminClient, type EventAdminClient } from './event-admin.ts';
export { feedClients, type FeedClients } from './feed.ts';
export { graphClients, type GraphClients } from './graph.ts';
export { orderClients, type OrderClients } from './order.ts';
export type { PeerOptions } from './peer.ts';
export { createPresence, type Presence } from './presence.ts';
export { productClients, type ProductClients } from './product.ts';
export { userClients, type UserClients } from './user.ts';
