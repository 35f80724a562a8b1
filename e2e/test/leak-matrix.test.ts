import { isAppError, type Context } from '@plaza/core';
import { TrendingWindow } from '@plaza/proto/plaza/feed/v1/post_service';
import { eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { LONG, setLeakStage, type Subject } from '../src/leak-stage.ts';
import { POSTS, SHOWN, VIEWERS, type PostName, type Rpc, type Viewer } from '../src/leak-table.ts';
import { startWorld, type World } from '../src/world.ts';

const NAMES = Object.keys(VIEWERS) as Viewer[];

let world: World;
let stage: Awaited<ReturnType<typeof setLeakStage>>;
beforeAll(async () => {
  world = await startWorld();
  stage = await setLeakStage(world);
}, 120_000);
afterAll(() => world?.close());

const contextOf = (viewer: Viewer, { authorId }: Subject): Context => {
  if (viewer === 'N') return testContext({ timeoutMs: LONG, caller: { kind: 'anonymous' } });
  if (viewer === 'A') return world.plaza.asAdmin(LONG);
  return stage.as(viewer === 'O' ? authorId : stage.people[viewer]);
};

const userOf = (viewer: Viewer, { authorId }: Subject): string | undefined =>
  viewer === 'N' || viewer === 'A' ? undefined : viewer === 'O' ? authorId : stage.people[viewer];

/** Whether the refusal is the one that a post that never was gets; any other is an error. */
const unlessMissing = async (call: Promise<unknown>): Promise<boolean> => {
  try {
    await call;
    return true;
  } catch (error) {
    if (isAppError(error) && ['POST_NOT_FOUND', 'REPLY_TO_NOT_FOUND'].includes(error.reason)) return false;
    // Who may see the post may hear that it cannot be passed on.
    if (isAppError(error, 'REPOST_NOT_ALLOWED')) return true;
    throw error;
  }
};

/** Whether one call shows the post to the viewer. */
const shows = async (rpc: Rpc, viewer: Viewer, subject: Subject): Promise<boolean> => {
  const { posts } = world.plaza.clients;
  const ctx = contextOf(viewer, subject);
  const { postId } = subject.post;
  const userId = userOf(viewer, subject) ?? '';
  const has = (page: { posts: readonly { postId: string }[] }) => page.posts.some((post) => post.postId === postId);
  const all = { pageSize: 100 };
  switch (rpc) {
    case 'GetPost':
      return unlessMissing(posts.getPost(ctx, { postId }));
    case 'BatchGetPosts':
      return has(await posts.batchGetPosts(ctx, { postIds: [postId] }));
    case 'ListPosts':
      return has(await posts.listPosts(ctx, { authorId: subject.authorId, ...all }));
    case 'ListPostRevisions':
      return unlessMissing(posts.listPostRevisions(ctx, { postId }));
    case 'ListLikes of it':
      return unlessMissing(posts.listLikes(ctx, { postId }));
    case 'ListLikes with its author': {
      const { likes } = await posts.listLikes(ctx, { postId: stage.host.postId, ...all });
      return likes.some(({ user }) => user?.userId === subject.authorId);
    }
    case 'ListReplies to it':
      return unlessMissing(posts.listReplies(ctx, { postId }));
    case 'ListReplies with it':
      return has(await posts.listReplies(ctx, { postId: stage.host.postId, ...all }));
    case 'ListPostsByHashtag':
      return has(await posts.listPostsByHashtag(ctx, { hashtag: subject.tag, ...all }));
    case 'ListPostsByProduct':
      return has(await posts.listPostsByProduct(ctx, { productId: subject.productId, ...all }));
    case 'ListPublicPosts':
      return has(await posts.listPublicPosts(ctx, all));
    case 'ListTrendingPosts': {
      const trending = await posts.listTrendingPosts(ctx, { window: TrendingWindow.HOUR, ...all });
      return trending.posts.some(({ post }) => post?.postId === postId);
    }
    case 'ListTrendingHashtags': {
      const { hashtags } = await posts.listTrendingHashtags(ctx, { window: TrendingWindow.HOUR, ...all });
      return hashtags.some(({ hashtag }) => hashtag === subject.tag);
    }
    case 'ListBookmarks':
      return has(await posts.listBookmarks(ctx, { userId, ...all }));
    case 'ListHomeFeed':
      return (await world.feed(userId)).includes(postId);
    case 'ListNotifications of it':
      return (await stage.notifications(ctx, userId)).some(({ post }) => post?.postId === postId);
    case 'ListNotifications with its author':
      return (await stage.notifications(ctx, userId)).some(({ actors }) =>
        actors.some((actor) => actor.userId === subject.authorId),
      );
    case 'GetPostSales':
      return unlessMissing(posts.getPostSales(ctx, { postId }));
    case 'UpdatePost': {
      const changes = { text: `#${subject.tag} twice` };
      return unlessMissing(posts.updatePost(ctx, { postId, changes, updateMask: ['text'] }));
    }
    case 'Like':
      return unlessMissing(posts.like(ctx, { userId, postId }));
    case 'Bookmark':
      return unlessMissing(posts.bookmark(ctx, { userId, postId }));
    case 'Repost, or hear that it is not PUBLIC':
      return unlessMissing(posts.repost(ctx, { userId, postId }));
    case 'CreatePost in reply':
      return unlessMissing(stage.publish(userId, { text: 'indeed', replyToPostId: postId }));
  }
};

/** RPCs of a person's own: nobody calls them without a token, and an admin either not, or as that person (a feed, a post). */
const OWN: ReadonlySet<Rpc> = new Set<Rpc>([
  'ListBookmarks',
  'ListHomeFeed',
  'ListNotifications of it',
  'ListNotifications with its author',
  'Like',
  'Bookmark',
  'Repost, or hear that it is not PUBLIC',
  'CreatePost in reply',
]);
/** Not open to who is not signed in. */
const SIGNED_IN: ReadonlySet<Rpc> = new Set<Rpc>(['GetPostSales', 'UpdatePost']);

const canCall = (rpc: Rpc, viewer: Viewer, name: PostName): boolean => {
  // A deleted person has no session; the token of a test has none that could end.
  if (viewer === 'O' && name === 'deleted account PUBLIC') return false;
  if (viewer === 'N') return !OWN.has(rpc) && !SIGNED_IN.has(rpc);
  return viewer !== 'A' || !OWN.has(rpc);
};

test.each(Object.keys(SHOWN) as Rpc[])('%s', { timeout: 90_000 }, async (rpc) => {
  const row = async () => {
    const cells = POSTS.map(async (name) => {
      const viewers = NAMES.filter((viewer) => canCall(rpc, viewer, name));
      const seen = await Promise.all(viewers.map((viewer) => shows(rpc, viewer, stage.subjects[name])));
      return [name, viewers.filter((_, i) => seen[i]).join('')] as const;
    });
    return Object.fromEntries(await Promise.all(cells));
  };
  const wanted = Object.fromEntries(POSTS.map((name, i) => [name, inOrder(SHOWN[rpc][i]!)]));
  // A ranking is shown for half a minute; whoever must not be shown is not for a moment.
  const isRanking = rpc.startsWith('ListTrending');
  const leaks: string[] = [];
  await eventually(
    async () => {
      const found = await row();
      for (const name of POSTS)
        for (const viewer of found[name]!) if (!wanted[name]!.includes(viewer)) leaks.push(`${name}: ${viewer}`);
      expect(found).toEqual(wanted);
    },
    { timeoutMs: isRanking ? 60_000 : 1 },
  ).finally(() => expect(leaks).toEqual([]));
});

const inOrder = (viewers: string): string => NAMES.filter((viewer) => viewers.includes(viewer)).join('');
