import type { Clock, Metrics, PageTokens } from '@plaza/core';
import type { FeedServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_service';
import type { PostServiceDefinition } from '@plaza/proto/plaza/feed/v1/post_service';
import type { Handlers } from '@plaza/rpc';

import type { Peers } from '../peers.ts';
import type { Reading } from '../reading.ts';
import type { HomeFeedStore } from '../store/home/home-feed-store.ts';
import type { ListReader } from '../store/posts/list-reader.ts';
import type { PostReader } from '../store/posts/post-reader.ts';
import type { PostWriter } from '../store/posts/post-writer.ts';
import type { SaleStore } from '../store/posts/sale-store.ts';
import type { TagPosts } from '../store/posts/tag-posts.ts';
import type { Trending } from '../store/posts/trending.ts';
import type { ViewQueue } from '../store/posts/view-queue.ts';
import { listHomeFeed } from './home/list-home-feed.ts';
import { createPost } from './posts/create-post.ts';
import { deletePost } from './posts/delete-post.ts';
import { getPost } from './posts/get-post.ts';
import { getPostSales } from './posts/get-post-sales.ts';
import { listPosts } from './posts/list-posts.ts';
import { listTrendingHashtags } from './posts/list-trending-hashtags.ts';
import { listTrendingPosts } from './posts/list-trending-posts.ts';
import { pending } from './posts/pending.ts';
import { recordPostViews } from './posts/record-post-views.ts';

export interface Deps {
  readonly posts: PostReader & PostWriter;
  readonly lists: ListReader;
  readonly reading: Reading;
  readonly views: ViewQueue;
  readonly trending: Trending;
  readonly tagPosts: TagPosts;
  readonly sales: Pick<SaleStore, 'get'>;
  readonly homeFeeds: Pick<HomeFeedStore, 'page'>;
  readonly peers: Peers;
  readonly pageTokens: PageTokens;
  readonly metrics: Metrics;
  readonly now: Clock;
}

export type PostHandlers = Handlers<PostServiceDefinition>;
export type FeedHandlers = Handlers<FeedServiceDefinition>;

export const postHandlers = (deps: Deps): PostHandlers => ({
  ...pending,
  createPost: createPost(deps),
  getPost: getPost(deps),
  listPosts: listPosts(deps),
  deletePost: deletePost(deps),
  recordPostViews: recordPostViews(deps),
  listTrendingPosts: listTrendingPosts(deps),
  listTrendingHashtags: listTrendingHashtags(deps),
  getPostSales: getPostSales(deps),
});

export const feedHandlers = (deps: Deps): FeedHandlers => ({
  listHomeFeed: listHomeFeed(deps),
});
