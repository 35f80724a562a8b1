import { PostServiceDefinition } from '@plaza/proto/plaza/feed/v1/post_service';
import { FeedServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_service';
import { createClient, type Client } from '@plaza/rpc';

import { clientOptions, type PeerOptions } from './peer.ts';

export interface FeedClients {
  readonly posts: Client<PostServiceDefinition>;
  readonly feed: Client<FeedServiceDefinition>;
  close(): void;
}

/** The feed service: posts and home feeds. */
export const feedClients = (peer: PeerOptions): FeedClients => {
  const posts = createClient(PostServiceDefinition, clientOptions(peer));
  const feed = createClient(FeedServiceDefinition, clientOptions(peer));
  return {
    posts,
    feed,
    close() {
      posts.close();
      feed.close();
    },
  };
};
