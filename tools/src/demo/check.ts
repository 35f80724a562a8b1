import { pause } from '@plaza/core';

import type { Loading } from './load.ts';
import { chunks } from './plan.ts';

/** How long fan-out and counts may take to catch up with the load; what an earlier run loaded has long settled. */
const PATIENCE_MS = 120_000;
const RESUMED_PATIENCE_MS = 5_000;
const SAMPLE = 5;

/**
 * Compares what the services answer with the plan: follow counts of everybody, and the whole home feeds of a few.
 * Gives back what does not agree when the patience ends; nothing, normally.
 */
export const checkDemo = async (loading: Loading, resumed: boolean): Promise<string[]> => {
  const bar = loading.options.progress.bar('settled: counts, feeds and queues', 2 + SAMPLE);
  const until = Date.now() + (resumed ? RESUMED_PATIENCE_MS : PATIENCE_MS);
  const problems: string[] = [];
  const step = async (check: () => Promise<string | undefined>) => {
    const problem = await settled(check, until);
    if (problem) problems.push(problem);
    bar.tick();
  };
  await step(() => countsProblem(loading));
  const people = loading.plan.people;
  for (let i = 0; i < SAMPLE; i++) await step(() => feedProblem(loading, Math.floor((i * people) / SAMPLE)));
  // Last: what the reads above woke must be done too.
  await step(() => queueProblem(loading));
  bar.done();
  return problems;
};

/** Repeats a check until it has nothing to say, or the time is up. */
const settled = async (check: () => Promise<string | undefined>, until: number): Promise<string | undefined> => {
  for (;;) {
    const problem = await check();
    if (problem === undefined || Date.now() > until) return problem;
    await pause(500);
  }
};

/** Feeds can be right while the fan-out still works: reads fill in what it has not written. */
const queueProblem = async ({ options }: Loading): Promise<string | undefined> => {
  const waiting = await options.waiting?.().catch(() => undefined);
  if (options.waiting !== undefined && waiting === undefined)
    return 'whether messages wait cannot be told: the bus does not answer';
  return waiting ? `${waiting} messages wait for their consumers` : undefined;
};

const countsProblem = async ({ options, plan, file }: Loading): Promise<string | undefined> => {
  let followers = 0n;
  let following = 0n;
  for (const userIds of chunks(file.state.userIds, 100)) {
    const { counts } = await options.clients.graph.batchGetCounts(options.adminContext(), { userIds });
    for (const count of counts) {
      followers += count.followers;
      following += count.following;
    }
  }
  const expected = BigInt(plan.followCount);
  return followers === expected && following === expected
    ? undefined
    : `the counts sum to ${followers} followers and ${following} following, expected ${expected} of each`;
};

const feedProblem = async (loading: Loading, viewer: number): Promise<string | undefined> => {
  const { plan, file } = loading;
  const authors = new Set([
    viewer,
    ...plan.follows.filter(({ follower }) => follower === viewer).flatMap(({ followees }) => followees),
  ]);
  const expected = plan.posts
    .flatMap((post, i) => (authors.has(post.author) ? [file.state.postIds[i]!] : []))
    .sort()
    .reverse();
  // Posts beyond the plan are somebody's who tried the cheat sheet.
  const planned = new Set(file.state.postIds);
  const shown = (await wholeFeed(loading, file.state.userIds[viewer]!)).filter((id) => planned.has(id));
  if (shown.length === expected.length && shown.every((id, i) => id === expected[i])) return undefined;
  const missing = expected.filter((id) => !shown.includes(id)).length;
  const extra = shown.filter((id) => !expected.includes(id)).length;
  return `the home feed of ${plan.users[viewer]!.username} lacks ${missing} posts and has ${extra} too many, of ${expected.length}`;
};

const wholeFeed = async ({ options }: Loading, viewerId: string): Promise<string[]> => {
  const ids: string[] = [];
  let pageToken = '';
  do {
    const page = await options.clients.feed.listHomeFeed(options.adminContext(), { viewerId, pageSize: 100, pageToken });
    ids.push(...page.items.map((item) => item.post!.postId));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return ids;
};
