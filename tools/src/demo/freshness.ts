import { newId, pause } from '@plaza/core';

import { inParallel } from './state.ts';
import type { DemoOptions, Freshness, MeasureFreshness } from './types.ts';

/** A post that no follower sees after this long counts with this time. */
const GIVE_UP_MS = 10_000;

/**
 * From the answer of CreatePost to the post's appearance in every follower's home feed, measured from outside by reading
 * those feeds. The posts are deleted again, so that the demo stays as planned.
 */
export const measureFreshness: MeasureFreshness = async (options, { reader }, posts) => {
  const authors = await peopleFollowedBy(options, reader.userId);
  const bar = options.progress.bar('how fresh: new posts', posts);
  const times: number[] = [];
  const fresh: string[] = [];
  let followers = 0;
  for (let i = 0; i < posts; i++) {
    const authorId = authors[i % authors.length]!;
    const viewers = await followersOf(options, authorId);
    const { post } = await options.clients.posts.createPost(options.adminContext(), {
      authorId,
      text: `Fresh post ${i}`,
      requestId: newId(),
    });
    times.push(await untilSeen(options, post!.postId, viewers));
    followers += viewers.length;
    fresh.push(post!.postId);
    bar.tick();
  }
  for (const postId of fresh) await options.clients.posts.deletePost(options.adminContext(), { postId, requestId: newId() });
  bar.done();
  return { posts, followers, ...percentiles(times) };
};

const percentiles = (times: number[]): Pick<Freshness, 'p50Ms' | 'p99Ms'> => {
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round(times[Math.min(times.length - 1, Math.ceil(times.length * share) - 1)]!);
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
};

const untilSeen = async (options: DemoOptions, postId: string, viewers: readonly string[]): Promise<number> => {
  const start = performance.now();
  let blind = [...viewers];
  while (blind.length > 0 && performance.now() - start < GIVE_UP_MS) {
    const still: string[] = [];
    await inParallel(blind, 4, async (viewerId) => {
      // The newest post of all is the first of every feed that it has reached.
      const { items } = await options.clients.feed.listHomeFeed(options.adminContext(), { viewerId, pageSize: 1 });
      if (items[0]?.post?.postId !== postId) still.push(viewerId);
    });
    blind = still;
    if (blind.length > 0) await pause(5);
  }
  return blind.length > 0 ? GIVE_UP_MS : performance.now() - start;
};

const peopleFollowedBy = async (options: DemoOptions, userId: string): Promise<string[]> => {
  const { following } = await options.clients.graph.listFollowing(options.adminContext(), { userId, pageSize: 50 });
  return following.map((edge) => edge.userId);
};

const followersOf = async (options: DemoOptions, userId: string): Promise<string[]> => {
  const ids: string[] = [];
  let pageToken = '';
  do {
    const page = await options.clients.graph.listFollowers(options.adminContext(), { userId, pageSize: 100, pageToken });
    ids.push(...page.followers.map((edge) => edge.userId));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return ids;
};
