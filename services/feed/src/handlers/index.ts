import type { Clock, Context, Hub, Metrics, PageTokens } from '@plaza/core';
import type { FeedAdminServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_admin_service';
import type { FeedServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_service';
import type { NotificationServiceDefinition } from '@plaza/proto/plaza/feed/v1/notification_service';
import type { PostServiceDefinition } from '@plaza/proto/plaza/feed/v1/post_service';
import type { Handlers } from '@plaza/rpc';

import type { FeedPages } from '../feed-pages.ts';
import type { FeedReading } from '../feed-reading.ts';
import type { LiveFeeds } from '../live/live.ts';
import type { NoticeTokens } from '../live/notice-tokens.ts';
import type { NoticeReading } from '../notice-reading.ts';
import type { Explain } from '../explain.ts';
import type { Peers } from '../peers.ts';
import type { RankedPages } from '../ranked-pages.ts';
import type { Reading } from '../reading.ts';
import type { Skeleton } from '../skeleton.ts';
import type { FeedStateStore } from '../store/home/feed-state-store.ts';
import type { NoticeReader } from '../store/notifications/notice-reader.ts';
import type { ModeStore } from '../store/home/mode-store.ts';
import type { ReceiptStore } from '../store/home/receipt-store.ts';
import type { EngagementStore } from '../store/posts/engagement-store.ts';
import type { ListReader } from '../store/posts/list-reader.ts';
import type { PostEditor } from '../store/posts/post-editor.ts';
import type { PostReader } from '../store/posts/post-reader.ts';
import type { PostWriter } from '../store/posts/post-writer.ts';
import type { RecountStore } from '../store/posts/recount-store.ts';
import type { RevisionStore } from '../store/posts/revision-store.ts';
import type { SaleStore } from '../store/posts/sale-store.ts';
import type { TagPosts } from '../store/posts/tag-posts.ts';
import type { Trending } from '../store/posts/trending.ts';
import type { ViewQueue } from '../store/posts/view-queue.ts';
import type { Verify } from '../verify.ts';
import { explainFeedItem } from './feed-admin/explain-feed-item.ts';
import { getFanoutStatus } from './feed-admin/get-fanout-status.ts';
import { rebuildFeed } from './feed-admin/rebuild-feed.ts';
import { verifyFeed } from './feed-admin/verify-feed.ts';
import { getFeedStatus } from './home/get-feed-status.ts';
import { listHomeFeed } from './home/list-home-feed.ts';
import { getNotificationPreferences } from './notifications/get-notification-preferences.ts';
import { getUnreadCount } from './notifications/get-unread-count.ts';
import { listNotifications } from './notifications/list-notifications.ts';
import { markRead } from './notifications/mark-read.ts';
import { streamNotifications } from './notifications/stream-notifications.ts';
import { updateNotificationPreferences } from './notifications/update-notification-preferences.ts';
import { markFeedSeen } from './home/mark-feed-seen.ts';
import { streamHomeFeed } from './home/stream-home-feed.ts';
import { batchGetPosts } from './posts/batch-get-posts.ts';
import { bookmark } from './posts/bookmark.ts';
import { createPost } from './posts/create-post.ts';
import { deletePost } from './posts/delete-post.ts';
import { getPostSales } from './posts/get-post-sales.ts';
import { getPost } from './posts/get-post.ts';
import { like } from './posts/like.ts';
import { listBookmarks } from './posts/list-bookmarks.ts';
import { listLikes } from './posts/list-likes.ts';
import { listPostRevisions } from './posts/list-post-revisions.ts';
import { listPostsByHashtag } from './posts/list-posts-by-hashtag.ts';
import { listPostsByProduct } from './posts/list-posts-by-product.ts';
import { listPosts } from './posts/list-posts.ts';
import { listPublicPosts } from './posts/list-public-posts.ts';
import { listReplies } from './posts/list-replies.ts';
import { listTrendingHashtags } from './posts/list-trending-hashtags.ts';
import { listTrendingPosts } from './posts/list-trending-posts.ts';
import { recordPostViews } from './posts/record-post-views.ts';
import { repairPostCounts } from './posts/repair-post-counts.ts';
import { repost } from './posts/repost.ts';
import { unbookmark } from './posts/unbookmark.ts';
import { undoRepost } from './posts/undo-repost.ts';
import { unlike } from './posts/unlike.ts';
import { updatePost } from './posts/update-post.ts';

export interface Deps {
  readonly posts: PostReader & PostWriter & PostEditor;
  readonly revisions: Pick<RevisionStore, 'list'>;
  readonly lists: ListReader;
  readonly engagements: EngagementStore;
  readonly recounts: RecountStore;
  /** Whether every event about posts that was told by now is counted. */
  readonly areAllCounted: (ctx: Context) => Promise<boolean>;
  readonly reading: Reading;
  readonly feedReading: FeedReading;
  readonly feedPages: FeedPages;
  readonly rankedPages: RankedPages;
  readonly views: ViewQueue;
  readonly trending: Trending;
  readonly tagPosts: TagPosts;
  readonly sales: Pick<SaleStore, 'get'>;
  readonly skeleton: Skeleton;
  readonly liveFeeds: LiveFeeds;
  readonly checker: Pick<Verify, 'verify'>;
  readonly explain: Explain;
  readonly states: FeedStateStore;
  readonly notices: NoticeReader;
  readonly noticeReading: NoticeReading;
  readonly noticeTokens: NoticeTokens;
  /** Wakes those who wait for notifications. */
  readonly noticeHub: Hub;
  readonly modes: Pick<ModeStore, 'get'>;
  readonly receipts: Pick<ReceiptStore, 'get'>;
  readonly peers: Peers;
  readonly pageTokens: PageTokens;
  readonly metrics: Metrics;
  readonly now: Clock;
  /** From 0 to 1, so that streams do not all look at one time. */
  readonly random: () => number;
}

export type PostHandlers = Handlers<PostServiceDefinition>;
export type FeedHandlers = Handlers<FeedServiceDefinition>;
export type FeedAdminHandlers = Handlers<FeedAdminServiceDefinition>;
export type NotificationHandlers = Handlers<NotificationServiceDefinition>;

export const postHandlers = (deps: Deps): PostHandlers => ({
  createPost: createPost(deps),
  getPost: getPost(deps),
  batchGetPosts: batchGetPosts(deps),
  updatePost: updatePost(deps),
  listPostRevisions: listPostRevisions(deps),
  deletePost: deletePost(deps),
  listPosts: listPosts(deps),
  listReplies: listReplies(deps),
  listPostsByHashtag: listPostsByHashtag(deps),
  listPostsByProduct: listPostsByProduct(deps),
  listPublicPosts: listPublicPosts(deps),
  like: like(deps),
  unlike: unlike(deps),
  listLikes: listLikes(deps),
  repost: repost(deps),
  undoRepost: undoRepost(deps),
  bookmark: bookmark(deps),
  unbookmark: unbookmark(deps),
  listBookmarks: listBookmarks(deps),
  recordPostViews: recordPostViews(deps),
  listTrendingPosts: listTrendingPosts(deps),
  listTrendingHashtags: listTrendingHashtags(deps),
  getPostSales: getPostSales(deps),
  repairPostCounts: repairPostCounts(deps),
});

export const feedHandlers = (deps: Deps): FeedHandlers => ({
  listHomeFeed: listHomeFeed(deps),
  streamHomeFeed: streamHomeFeed(deps),
  getFeedStatus: getFeedStatus(deps),
  markFeedSeen: markFeedSeen(deps),
});

export const feedAdminHandlers = (deps: Deps): FeedAdminHandlers => ({
  rebuildFeed: rebuildFeed(deps),
  verifyFeed: verifyFeed(deps),
  explainFeedItem: explainFeedItem(deps),
  getFanoutStatus: getFanoutStatus(deps),
});

export const notificationHandlers = (deps: Deps): NotificationHandlers => ({
  listNotifications: listNotifications(deps),
  getUnreadCount: getUnreadCount(deps),
  markRead: markRead(deps),
  streamNotifications: streamNotifications(deps),
  getNotificationPreferences: getNotificationPreferences(deps),
  updateNotificationPreferences: updateNotificationPreferences(deps),
});
