import { isAppError, newId } from '@plaza/core';
import { asUser } from '@plaza/testing';

import type { simulate } from './simulated.ts';
import { idsOf } from './world.ts';

/** What somebody, or an operator, does to a simulated Plaza. `which` counts posts from the oldest, or from the newest below zero. */
export type Step =
  | { readonly kind: 'post'; readonly who: string; readonly visibility: 1 | 2 | 3 }
  | { readonly kind: 'edit'; readonly which: number; readonly visibility: 1 | 2 | 3 }
  | { readonly kind: 'delete'; readonly which: number }
  | { readonly kind: 'follow' | 'unfollow'; readonly who: string; readonly whom: string }
  | { readonly kind: 'read'; readonly who: string; readonly pages?: number }
  /** The bus is lost; everybody sleeps for two weeks; the table of feeds is lost. */
  | { readonly kind: 'wipe' | 'sleep' | 'forget' };

interface Made {
  readonly postId: string;
  readonly authorId: string;
  /** Each took effect at some tick between the two. */
  readonly writes: { readonly begin: number; end: number; readonly visibility: number }[];
  deletedAt?: number;
}

/** Plays steps, any number at once, and knows what was done: what no read may show, and what every feed has to be in the end. */
export const createFeedModel = (plaza: ReturnType<typeof simulate>, people: readonly string[], pageSize = 2) => {
  const made: Made[] = [];
  const byId = new Map<string, Made>();
  const leaks: unknown[] = [];
  const outcomes = new Set<unknown>();

  /** All pages, or so many, and what the first one said of the feed's state. */
  const read = async (viewerId: string, pages = Infinity) => {
    const ids: string[] = [];
    let state: number | undefined;
    for (let pageToken = '', left = pages; ; left--) {
      const page = await plaza.feed.listHomeFeed(asUser(viewerId), { viewerId, pageSize, pageToken, order: 0 });
      ids.push(...idsOf(page.items));
      state ??= page.state;
      pageToken = page.nextPageToken;
      if (pageToken === '' || left <= 1) return { ids, state };
    }
  };

  const watch = async (viewerId: string, pages?: number): Promise<void> => {
    const start = plaza.tick();
    const { ids } = await insist(() => read(viewerId, pages));
    const end = plaza.tick();
    if (ids.some((id, i) => i > 0 && id >= ids[i - 1]!)) leaks.push({ disorder: ids });
    const mayShow = ({ authorId, writes, deletedAt = Infinity }: Made) =>
      deletedAt > start &&
      (authorId === viewerId ||
        (possible(writes, start, end).some((visibility) => visibility !== 3) &&
          plaza.followedWithin(viewerId, authorId, start, end)));
    // One that is not noted yet was published while this read went on.
    leaks.push(...ids.flatMap((id) => byId.get(id) ?? []).filter((post) => !mayShow(post)));
  };

  const play = async (step: Step): Promise<void> => {
    const requestId = newId();
    switch (step.kind) {
      case 'post': {
        const { who: authorId, visibility } = step;
        const request = { authorId, text: 'x', media: [], productIds: [], visibility, requestId, replyToPostId: '' };
        const { post } = await insist(() => plaza.posts.createPost(asUser(authorId), request));
        const one: Made = { postId: post!.postId, authorId, writes: [{ begin: 0, end: plaza.tick(), visibility }] };
        made.push(one);
        byId.set(one.postId, one);
        return;
      }
      case 'edit': {
        const post = made.at(step.which);
        if (post === undefined) return;
        const { postId, authorId } = post;
        const write = { begin: plaza.tick(), end: Infinity, visibility: step.visibility };
        post.writes.push(write);
        const changes = { text: '', media: [], productIds: [], visibility: step.visibility };
        const request = { postId, changes, updateMask: ['visibility'], etag: '', requestId };
        outcomes.add(
          await insist(() => plaza.posts.updatePost(asUser(authorId), request)).then(
            () => 'DONE',
            (error: unknown) => (isAppError(error) ? error.reason : error),
          ),
        );
        write.end = plaza.tick();
        return;
      }
      case 'delete': {
        const post = made.at(step.which);
        if (post === undefined) return;
        await insist(() => plaza.posts.deletePost(asUser(post.authorId), { postId: post.postId, requestId }));
        post.deletedAt ??= plaza.tick();
        return;
      }
      case 'follow':
        if (step.who !== step.whom) plaza.follow(step.who, step.whom);
        return;
      case 'unfollow':
        plaza.unfollow(step.who, step.whom);
        return;
      case 'wipe':
        plaza.wipe();
        return;
      case 'sleep':
        plaza.sleep();
        return;
      case 'forget':
        await plaza.forget(people);
        return;
      case 'read':
        await watch(step.who, step.pages);
    }
  };

  /** When all is quiet: what each feed has to be, from what the posts are. */
  const wanted = async (): Promise<(viewerId: string) => string[]> => {
    const ids = made.filter(({ deletedAt }) => deletedAt === undefined).map(({ postId }) => postId);
    const posts = await Promise.all(
      ids.map(async (postId) => (await plaza.posts.getPost(asUser(byId.get(postId)!.authorId), { postId })).post!),
    );
    return (viewerId) =>
      posts
        .filter(({ authorId, visibility }) => authorId === viewerId || (visibility !== 3 && plaza.follows(viewerId, authorId)))
        .map(({ postId }) => postId)
        .sort()
        .reverse();
  };

  return { play, read, leaks, outcomes, wanted };
};

/** What a post may have been at some moment of a span: what was not certainly overwritten before, and was not written after. */
const possible = (writes: Made['writes'], start: number, end: number): number[] =>
  writes
    .filter((write) => write.begin <= end && !writes.some((other) => other.begin > write.end && other.end < start))
    .map(({ visibility }) => visibility);

/** A caller who hears that the outcome is unknown, or that a race was lost, sends the same again. */
export const insist = async <T>(call: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isAppError(error) || !['UNAVAILABLE', 'ABORTED'].includes(error.code)) throw error;
    }
  }
};
