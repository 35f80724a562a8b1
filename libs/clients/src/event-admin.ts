import { EventAdminServiceDefinition } from '@plaza/proto/plaza/common/v1/event_admin_service';
import { createClient, type Client } from '@plaza/rpc';

import { clientOptions, type PeerOptions } from './peer.ts';

export type EventAdminClient = Client<EventAdminServiceDefinition> & { close(): void };

/** Any service's event administration: its outbox, its dead letters, and replay. Under TLS the service must be named. */
export const eventAdminClient = (peer: PeerOptions & { readonly service?: string }): EventAdminClient =>
  createClient(EventAdminServiceDefinition, clientOptions(peer, peer.service));
