import type { Clock, Context } from '@plaza/core';

import { STRANGER } from './domain/home/audit.ts';
import { entryOf, type Entry } from './domain/home/entry.ts';
import { floorAt, isAwake } from './domain/home/feed-state.ts';
import { isDeleted } from './domain/posts/post.ts';
import type { FeedReading } from './feed-reading.ts';
import type { Candidates, Skeleton } from './skeleton.ts';
import type { FeedStateStore } from './store/home/feed-state-store.ts';
import type { HomeFeedStore } from './store/home/home-feed-store.ts';
import type { SourceTimelines } from './store/home/source-timelines.ts';
import type { PostReader } from './store/posts/post-reader.ts';
import type { Verify } from './verify.ts';

/** Reposts are looked for among so many of the feed's newest entries. */
const STEP = 100;
const STEPS = 5;

/** One thing that decides whether a feed shows a post. */
export interface Ruling {
  readonly rule: string;
  readonly passed: boolean;
  readonly detail: string;
}

type Repost = Extract<Entry, { kind: 'REPOST' }>;

export interface Explanation {
  /** By itself, or because somebody passed it on. */
  readonly shown: boolean;
  readonly rules: readonly Ruling[];
}

export type Explain = ReturnType<typeof createExplain>;

/**
 * All that decides about one post in one feed, in the order in which it does: what the post is, how the viewer stands to its author, and
 * by what the feed comes to know of it. JUDGED is the feed's own say: if it differs from what stands above, that is a fault. Behind it
 * stand those who passed the post on: each of them is enough.
 */
export const createExplain = (deps: {
  skeleton: Pick<Skeleton, 'open'>;
  states: Pick<FeedStateStore, 'read'>;
  homeFeeds: Pick<HomeFeedStore, 'hasRow'>;
  timelines: Pick<SourceTimelines, 'fromTable'>;
  feedReading: Pick<FeedReading, 'judge'>;
  posts: Pick<PostReader, 'get'>;
  checker: Pick<Verify, 'standsOf'>;
  now: Clock;
}) => {
  const { skeleton, states, homeFeeds, timelines, feedReading, posts, checker, now } = deps;

  /** Where the feed has the post from, if from anywhere. */
  const wayOf = async (ctx: Context, viewerId: string, authorId: string, postId: string): Promise<string> => {
    const { state, pulled } = await states.read(ctx, viewerId);
    if (!isAwake(state, now())) return 'by the timelines of all sources, since nobody has read the feed for long';
    if (state.state === 'BUILDING')
      return `by the timelines of all sources, while the feed is put together (epoch ${state.epoch})`;
    const floor = floorAt(state, now());
    if (postId < floor) return `by the timelines of all sources, below the floor ${floor}`;
    if (await homeFeeds.hasRow(ctx, viewerId, postId)) return `by a row (epoch ${state.epoch}, floor ${floor || 'none'})`;
    if (pulled.includes(authorId)) return "by the author's timeline, which is read with the feed";
    return `there is no row, although the feed is whole down to ${floor || 'its end'}`;
  };

  return async (ctx: Context, viewerId: string, postId: string): Promise<Explanation> => {
    const post = await posts.get(ctx, postId);
    const rules: Ruling[] = [{ rule: 'POST_EXISTS', passed: post !== undefined, detail: '' }];
    const rule = (name: string, passed: boolean, detail = '') => void rules.push({ rule: name, passed, detail });
    if (post === undefined) return { shown: false, rules };
    rule('NOT_DELETED', !isDeleted(post), isDeleted(post) ? `deleted ${new Date(post.deletedAt).toISOString()}` : '');
    const { authorId, visibility } = post;
    const own = authorId === viewerId;
    const stand = (await checker.standsOf(ctx, viewerId, [authorId])).get(authorId) ?? STRANGER;
    rule('NOT_HIDDEN', !stand.hidden, stand.hidden ? 'the author is gone, private, or one blocks the other' : '');
    rule('VISIBILITY', own || visibility !== 'PRIVATE', visibility);
    rule('AUTHOR_FOLLOWED', own || stand.following, own ? 'the viewer is the author' : authorId);
    rule('NOT_MUTED', own || !stand.muted);

    const above = `${postId}!`;
    const { ids } = await timelines.fromTable(ctx, authorId, { before: above, limit: 1 });
    rule('IN_TIMELINE', ids[0] === postId, `of ${authorId}`);
    const feed = await skeleton.open(ctx, viewerId, { wake: false });
    const proposed = await feed.page(above, 1);
    const isProposed = proposed.ids[0] === postId;
    rule('PROPOSED', isProposed, await wayOf(ctx, viewerId, authorId, postId));
    const reposts = await repostsIn(feed, postId);
    const [seen, ...passedOn] = await feedReading.judge(ctx, [entryOf(postId), ...reposts], viewerId);
    rule('JUDGED', seen !== undefined, 'what pages ask');
    for (const [i, { sourceId, key }] of reposts.entries())
      rule('PASSED_ON', passedOn[i] !== undefined, `by ${sourceId}: ${key}`);
    return { shown: (isProposed && seen !== undefined) || passedOn.some((one) => one !== undefined), rules };
  };
};

/** By which the feed may have the post too; none is older than it. */
const repostsIn = async (feed: Candidates, postId: string): Promise<Repost[]> => {
  const found: Repost[] = [];
  let before: string | undefined;
  for (let steps = 0; steps < STEPS; steps++) {
    const { ids, more } = await feed.page(before, STEP);
    found.push(
      ...ids
        .map(entryOf)
        .filter((entry) => entry.kind === 'REPOST')
        .filter((entry) => entry.postId === postId),
    );
    before = ids.at(-1);
    if (!more || before === undefined || before < postId) break;
  }
  return found;
};
