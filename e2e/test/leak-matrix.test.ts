import { isAppError, newId, type Context } from '@plaza/core';
import { PostVisibility, type Post } from '@plaza/proto/plaza/feed/v1/post';
import { TrendingWindow } from '@plaza/proto/plaza/feed/v1/post_service';
import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
import { eventually, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { POSTS, SHOWN, VIEWERS, type PostName, type Rpc, type Viewer } from '../src/leak-table.ts';
import { startWorld, type World } from '../src/world.ts';

const LONG = 30_000;
const NAMES = Object.keys(VIEWERS) as Viewer[];
/** Those who can have a bookmark. */
const PEOPLE = ['F', 'S', 'B', 'K', 'M'] as const;

interface Subject {
  readonly authorId: string;
  readonly post: Post;
  readonly tag: string;
  readonly productId: string;
}

let world: World;
let people: Record<(typeof PEOPLE)[number], string>;
let subjects: Record<PostName, Subject>;
/** Somebody else's post, which all of them answer and whose likers their authors are. */
let host: Post;

beforeAll(async () => {
  world = await startWorld();
  const persons = async (count: number) => Promise.all(Array.from({ length: count }, () => world.person()));
  const [F, S, B, K, M] = (await persons(5)) as [string, string, string, string, string];
  people = { F, S, B, K, M };
  const [open, closed, gone, hostId, shop] = (await persons(5)) as [string, string, string, string, string];
  for (const author of [open, closed, gone]) for (const follower of [F, M]) await world.follow(follower, author);
  host = await publish(hostId, { text: 'what do you think?' });
  const authors = [open, open, open, open, closed, closed, gone];
  const entries: [PostName, Subject][] = [];
  for (const [i, name] of POSTS.entries()) entries.push([name, await subjectOf(authors[i]!, shop, i)]);
  subjects = Object.fromEntries(entries) as Record<PostName, Subject>;
  await engage([open, closed, gone]);
  await eventually(
    async () => {
      for (const { post, authorId } of Object.values(subjects))
        for (const viewer of [authorId, F])
          if (!(await world.feed(viewer)).includes(post.postId)) throw new Error('a feed is not whole yet');
    },
    { timeoutMs: LONG },
  );
  await part({ open, closed, gone });
}, 120_000);
afterAll(() => world?.close());

const as = (userId: string) => world.plaza.asUser(userId, LONG);

const publish = async (
  authorId: string,
  wish: { text: string; productIds?: string[]; replyToPostId?: string },
): Promise<Post> => {
  const { post } = await world.plaza.clients.posts.createPost(as(authorId), { authorId, ...wish, requestId: newId() });
  return post!;
};

const subjectOf = async (authorId: string, sellerId: string, i: number): Promise<Subject> => {
  const { product } = await world.plaza.clients.products.createProduct(world.plaza.asAdmin(LONG), {
    sellerId,
    name: 'Teapot',
    category: 'home-kitchen',
    price: { currencyCode: 'EUR', units: 5n, nanos: 0 },
    requestId: newId(),
  });
  const tag = `leak${'abcdefg'[i]}`;
  const { productId } = product!;
  const post = await publish(authorId, { text: `#${tag} once`, productIds: [productId], replyToPostId: host.postId });
  return { authorId, post, tag, productId };
};

/** Everybody likes and bookmarks everything while they may; all of it is counted, edited once, and has an answer. */
const engage = async (authors: readonly string[]) => {
  const { posts } = world.plaza.clients;
  for (const userId of authors) await posts.like(as(userId), { userId, postId: host.postId });
  for (const { authorId, post, tag } of Object.values(subjects)) {
    const { postId } = post;
    for (const userId of [...Object.values(people), authorId]) {
      await posts.like(as(userId), { userId, postId });
      await posts.bookmark(as(userId), { userId, postId });
    }
    await posts.updatePost(as(authorId), { postId, changes: { text: `#${tag} twice` }, updateMask: ['text'] });
  }
};

/** From here on each is what the table says. */
const part = async ({ open, closed, gone }: Record<'open' | 'closed' | 'gone', string>) => {
  const { graph, posts, users } = world.plaza.clients;
  const { B, K, M } = people;
  for (const author of [open, closed, gone]) {
    await graph.block(as(author), { userId: author, blockedId: B, requestId: newId() });
    await graph.block(as(K), { userId: K, blockedId: author, requestId: newId() });
    await graph.mute(as(M), { userId: M, mutedId: author, scope: MuteScope.ALL, requestId: newId() });
  }
  for (const [name, { authorId, post }] of Object.entries(subjects)) {
    const { postId } = post;
    const visibility = PostVisibility[name.split(' ').at(-1) as keyof typeof PostVisibility];
    if (name === 'open DELETED') await posts.deletePost(as(authorId), { postId });
    else if (visibility !== PostVisibility.PUBLIC)
      await posts.updatePost(as(authorId), { postId, changes: { visibility }, updateMask: ['visibility'] });
  }
  await users.updateUser(as(closed), { userId: closed, changes: { isPrivate: true }, updateMask: ['is_private'] });
  await users.deleteUser(as(gone), { userId: gone });
};

const contextOf = (viewer: Viewer, { authorId }: Subject): Context => {
  if (viewer === 'N') return testContext({ timeoutMs: LONG, caller: { kind: 'anonymous' } });
  if (viewer === 'A') return world.plaza.asAdmin(LONG);
  return as(viewer === 'O' ? authorId : people[viewer]);
};

const userOf = (viewer: Viewer, { authorId }: Subject): string | undefined =>
  viewer === 'N' || viewer === 'A' ? undefined : viewer === 'O' ? authorId : people[viewer];

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
      const { likes } = await posts.listLikes(ctx, { postId: host.postId, ...all });
      return likes.some(({ user }) => user?.userId === subject.authorId);
    }
    case 'ListReplies to it':
      return unlessMissing(posts.listReplies(ctx, { postId }));
    case 'ListReplies with it':
      return has(await posts.listReplies(ctx, { postId: host.postId, ...all }));
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
      return unlessMissing(publish(userId, { text: 'indeed', replyToPostId: postId }));
  }
};

/** RPCs of a person's own: nobody calls them without a token, and an admin either not, or as that person (a feed, a post). */
const OWN: ReadonlySet<Rpc> = new Set<Rpc>([
  'ListBookmarks',
  'ListHomeFeed',
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
      const seen = await Promise.all(viewers.map((viewer) => shows(rpc, viewer, subjects[name])));
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
