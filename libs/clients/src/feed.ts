import { FeedAdminServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_admin_service';
import { FeedServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_service';
import { NotificationServiceDefinition } from '@plaza/proto/plaza/feed/v1/notification_service';
import { PostServiceDefinition } from '@plaza/proto/plaza/feed/v1/post_service';
import { createClient, type Client } from '@plaza/rpc';

import { clientOptions, type PeerOptions } from './peer.ts';

export interface FeedClients {
  readonly posts: Client<PostServiceDefinition>;
  readonly feed: Client<FeedServiceDefinition>;
  readonly notifications: Client<NotificationServiceDefinition>;
  readonly feedAdmin: Client<FeedAdminServiceDefinition>;
  close(): void;
}

/** The feed service: posts, home feeds, notifications, and what operators ask of feeds. */
export const feedClients = (peer: PeerOptions): FeedClients => {
  const clients = {
    posts: createClient(PostServiceDefinition, clientOptions(peer, 'feed')),
    feed: createClient(FeedServiceDefinition, clientOptions(peer, 'feed')),
    notifications: createClient(NotificationServiceDefinition, clientOptions(peer, 'feed')),
    feedAdmin: createClient(FeedAdminServiceDefinition, clientOptions(peer, 'feed')),
  };
  return {
    ...clients,
    close() {
      for (const client of Object.values(clients)) client.close();
    },
  };
};
