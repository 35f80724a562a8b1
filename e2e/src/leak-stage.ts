import { newId, type Context } from '@plaza/core';
import { NotificationKind, type Notification } from '@plaza/proto/plaza/feed/v1/notification_service';
import { PostVisibility, type Post } from '@plaza/proto/plaza/feed/v1/post';
import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
import { eventually } from '@plaza/testing';

import { POSTS, type PostName } from './leak-table.ts';
import type { World } from './world.ts';

export const LONG = 30_000;
/** Those who can have a bookmark. */
const PEOPLE = ['F', 'S', 'B', 'K', 'M'] as const;

export interface Subject {
  readonly authorId: string;
  readonly post: Post;
  readonly tag: string;
  readonly productId: string;
}

/** Who looks, and at what: everything was open when it was done, and is what its name in the table says at the end. */
export const setLeakStage = async (world: World) => {
  const people = {} as Record<(typeof PEOPLE)[number], string>;
  /** Their names. */
  const names: Partial<typeof people> = {};
  /** A post of each of them. */
  const own: string[] = [];
  const subjects = {} as Record<PostName, Subject>;

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
    const mentions = Object.values(names).map((name) => `@${name}`);
    const post = await publish(authorId, {
      text: `#${tag} once ${mentions.join(' ')}`,
      productIds: [productId],
      replyToPostId: host.postId,
    });
    return { authorId, post, tag, productId };
  };

  /** Everybody likes and bookmarks everything while they may; all of it is counted, edited once, and has an answer. */
  const engage = async (authors: readonly string[], passer: string) => {
    const { posts } = world.plaza.clients;
    for (const userId of authors) for (const postId of [host.postId, ...own]) await posts.like(as(userId), { userId, postId });
    for (const { authorId, post, tag } of Object.values(subjects)) {
      const { postId } = post;
      for (const userId of [...Object.values(people), authorId]) {
        await posts.like(as(userId), { userId, postId });
        await posts.bookmark(as(userId), { userId, postId });
      }
      await posts.repost(as(passer), { userId: passer, postId });
      await posts.updatePost(as(authorId), { postId, changes: { text: `#${tag} twice` }, updateMask: ['text'] });
    }
  };

  const notifications = async (ctx: Context, userId: string): Promise<Notification[]> =>
    (await world.plaza.clients.notifications.listNotifications(ctx, { userId, pageSize: 100 })).notifications;

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

  const persons = async (count: number) => Promise.all(Array.from({ length: count }, () => world.person()));
  for (const letter of PEOPLE) {
    const name = `${letter.toLowerCase()}${newId().slice(-12).toLowerCase()}`;
    names[letter] = name;
    people[letter] = await world.person(name);
  }
  const { F, S, M } = people;
  const [open, closed, gone, hostId, shop, passer] = (await persons(6)) as [string, string, string, string, string, string];
  for (const viewer of [open, closed, gone, ...Object.values(people)]) await world.follow(viewer, passer);
  for (const author of [open, closed, gone]) for (const follower of [F, M]) await world.follow(follower, author);
  const host = await publish(hostId, { text: 'what do you think?' });
  for (const userId of Object.values(people)) own.push((await publish(userId, { text: 'mine' })).postId);
  const authors = [open, open, open, open, closed, closed, gone];
  const entries: [PostName, Subject][] = [];
  for (const [i, name] of POSTS.entries()) entries.push([name, await subjectOf(authors[i]!, shop, i)]);
  Object.assign(subjects, Object.fromEntries(entries));
  await engage([open, closed, gone], passer);
  await eventually(
    async () => {
      for (const { post, authorId } of Object.values(subjects))
        for (const viewer of [authorId, F, S])
          if (!(await world.feed(viewer)).includes(post.postId)) throw new Error('a feed is not whole yet');
      for (const userId of [F, S, M]) {
        const told = await notifications(as(userId), userId);
        const of = (kind: NotificationKind) => told.filter((one) => one.kind === kind);
        if (of(NotificationKind.MENTION).length < POSTS.length) throw new Error('a mention is not told yet');
        if (of(NotificationKind.LIKE)[0]?.actorCount !== 3n) throw new Error('a like is not told yet');
      }
    },
    { timeoutMs: LONG },
  );
  await part({ open, closed, gone });
  return { people, subjects, host, as, publish, notifications };
};
