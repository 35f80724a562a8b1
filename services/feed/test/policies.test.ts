import { newId, type Context } from '@plaza/core';
import { FeedAdminServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_admin_service';
import { FeedServiceDefinition } from '@plaza/proto/plaza/feed/v1/feed_service';
import { NotificationServiceDefinition } from '@plaza/proto/plaza/feed/v1/notification_service';
import { PostServiceDefinition, TrendingWindow } from '@plaza/proto/plaza/feed/v1/post_service';
import { admittedCallers, asAdmin, asService, asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startWorld, type World } from './world.ts';

// Every RPC by every kind of caller. The table says who is let in; an RPC that is not in it fails the test.
let world: World;
let owner: string;
let other: string;
let postId: string;
beforeAll(async () => {
  world = await startWorld({ workers: 0 });
  [owner, other] = [world.person(), world.person()];
  postId = (await world.publish(owner)).postId;
});
afterAll(() => world?.close());

const PEERS = ['user', 'product', 'order', 'social-graph'];
const EVERYBODY = ['anonymous', 'owner', 'other', 'admin', ...PEERS];
const OWN = ['owner', 'admin'];
/** The message names a post alone, so that the policy lets every person in; whose it is is looked at in the table. */
const PERSONS = ['owner', 'other', 'admin'];

const ADMITTED: Readonly<Record<string, readonly string[]>> = {
  'PostService/CreatePost': OWN,
  'PostService/GetPost': EVERYBODY,
  'PostService/BatchGetPosts': EVERYBODY,
  'PostService/UpdatePost': PERSONS,
  'PostService/ListPostRevisions': EVERYBODY,
  'PostService/DeletePost': PERSONS,
  'PostService/ListPosts': EVERYBODY,
  'PostService/ListReplies': EVERYBODY,
  'PostService/ListPostsByHashtag': EVERYBODY,
  'PostService/ListPostsByProduct': EVERYBODY,
  'PostService/ListPublicPosts': EVERYBODY,
  'PostService/Like': ['owner'],
  'PostService/Unlike': ['owner'],
  'PostService/ListLikes': EVERYBODY,
  'PostService/Repost': ['owner'],
  'PostService/UndoRepost': ['owner'],
  'PostService/Bookmark': ['owner'],
  'PostService/Unbookmark': ['owner'],
  'PostService/ListBookmarks': ['owner'],
  'PostService/RecordPostViews': EVERYBODY,
  'PostService/ListTrendingPosts': EVERYBODY,
  'PostService/ListTrendingHashtags': EVERYBODY,
  'PostService/GetPostSales': PERSONS,
  'PostService/RepairPostCounts': ['admin'],
  'FeedService/ListHomeFeed': OWN,
  'FeedService/StreamHomeFeed': ['owner'],
  'FeedService/GetFeedStatus': OWN,
  'FeedService/MarkFeedSeen': ['owner'],
  'FeedAdminService/RebuildFeed': ['admin'],
  'FeedAdminService/VerifyFeed': ['admin'],
  'FeedAdminService/ExplainFeedItem': ['admin'],
  'FeedAdminService/GetFanoutStatus': ['admin'],
  'NotificationService/ListNotifications': OWN,
  'NotificationService/GetUnreadCount': OWN,
  'NotificationService/MarkRead': ['owner'],
  'NotificationService/StreamNotifications': ['owner'],
  'NotificationService/GetNotificationPreferences': OWN,
  'NotificationService/UpdateNotificationPreferences': ['owner'],
};

const CALLERS: Readonly<Record<string, () => Context>> = {
  anonymous: () => testContext({ caller: { kind: 'anonymous' } }),
  owner: () => asUser(owner),
  other: () => asUser(other),
  admin: () => asAdmin(),
  ...Object.fromEntries(PEERS.map((peer) => [peer, () => asService(peer, owner)])),
};

const RPCS = [
  ['posts', PostServiceDefinition],
  ['feed', FeedServiceDefinition],
  ['feedAdmin', FeedAdminServiceDefinition],
  ['notifications', NotificationServiceDefinition],
] as const;

const CELLS = RPCS.flatMap(([client, { name, methods }]) =>
  Object.entries(methods).map(([key, method]) => ({ rpc: `${name}/${method.name}`, client, key })),
);

test('the table names every RPC', () => {
  expect(Object.keys(ADMITTED)).toEqual(CELLS.map(({ rpc }) => rpc));
});

test.each(CELLS)('$rpc', async ({ rpc, client, key }) => {
  const call = key.startsWith('stream') ? begin(client, key) : (world[client] as unknown as Record<string, Call>)[key]!;
  expect(await admittedCallers(CALLERS, (ctx) => call(ctx, bodyOf(key)))).toEqual(ADMITTED[rpc]);
});

type Call = (ctx: Context, body: object) => Promise<unknown>;
type Stream = (ctx: Context, body: object) => AsyncIterable<unknown>;

/** A stream has let in whom it answers once. */
const begin =
  (client: (typeof RPCS)[number][0], key: string): Call =>
  async (ctx, body) => {
    const left = new AbortController();
    const until = { ...ctx, signal: AbortSignal.any([ctx.signal, left.signal]) };
    for await (const _ of (world[client] as unknown as Record<string, Stream>)[key]!(until, body)) break;
    left.abort();
  };

/** Valid, and of the owner where it names somebody; what would change the post names none, which is found out after the policy. */
const bodyOf = (key: string): object => {
  const mine = { userId: owner, postId };
  const special: Record<string, object> = {
    createPost: { authorId: owner, text: 'a post' },
    batchGetPosts: { postIds: [postId] },
    updatePost: { postId: newId(), changes: { text: 'new' }, updateMask: ['text'] },
    deletePost: { postId: newId() },
    listPosts: { authorId: owner },
    listPostsByHashtag: { hashtag: 'tea' },
    listPostsByProduct: { productId: newId() },
    listPublicPosts: {},
    like: mine,
    unlike: mine,
    repost: mine,
    undoRepost: mine,
    bookmark: mine,
    unbookmark: mine,
    listBookmarks: { userId: owner },
    recordPostViews: { postIds: [postId] },
    listTrendingPosts: { window: TrendingWindow.HOUR },
    listTrendingHashtags: { window: TrendingWindow.HOUR },
    listHomeFeed: { viewerId: owner },
    streamHomeFeed: { viewerId: owner },
    getFeedStatus: { viewerId: owner },
    rebuildFeed: { viewerId: owner },
    verifyFeed: { viewerId: owner },
    explainFeedItem: { viewerId: owner, postId },
    markFeedSeen: { viewerId: owner, itemId: postId },
    listNotifications: { userId: owner },
    getUnreadCount: { userId: owner },
    markRead: { userId: owner, place: newId() },
    streamNotifications: { userId: owner },
    getNotificationPreferences: { userId: owner },
    updateNotificationPreferences: { userId: owner },
  };
  return special[key] ?? { postId };
};
