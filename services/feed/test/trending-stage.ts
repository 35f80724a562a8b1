import { feedClients, type FeedClients } from '@plaza/clients';
import { newId, noMetrics, silentLog, type Context } from '@plaza/core';
import { insert } from '@plaza/dynamo';
import { TrendingWindow } from '@plaza/proto/plaza/feed/v1/post_service';
import { startRedis, testContext, testKeys } from '@plaza/testing';

import { createApp } from '../src/app.ts';
import { newPost, type Post } from '../src/domain/posts/post.ts';
import { createAttentionStore } from '../src/store/posts/attention-store.ts';
import { placeMoves } from '../src/store/posts/place-rows.ts';
import { toItem } from '../src/store/posts/post-item.ts';
import { postsTable } from '../src/store/table.ts';
import { startWorld } from './world.ts';

export const MINUTE = 60_000;
const { HOUR } = TrendingWindow;
/** A busy machine takes its time to add up; nobody here minds. */
const PATIENCE = { timeoutMs: 30_000 };
export const anyone = () => testContext(PATIENCE);

export interface Asked {
  readonly ctx?: Context;
  readonly window?: TrendingWindow;
  readonly pageSize?: number;
  readonly pageToken?: string;
  /** Which replica is asked. */
  readonly of?: FeedClients['posts'];
}

/**
 * A world of two replicas and a worker over a Redis of its own, whose clock stands still until it is moved: half a minute after the begin
 * of a bucket of every window.
 */
export const startStage = async () => {
  const grain = 6 * 60 * MINUTE;
  let time = Math.ceil(Date.now() / grain) * grain + MINUTE / 2;
  const now = () => time;
  const redis = await startRedis();
  const world = await startWorld({ config: { redisUrl: redis.url }, now, workerNow: now });
  const replica = await createApp(world.config, { now });
  const there = feedClients({
    address: `127.0.0.1:${replica.port}`,
    token: testKeys().tokenOf,
    log: silentLog,
    metrics: noMetrics,
  });
  const attention = createAttentionStore({ db: world.db, now });

  /** From the token on, over all pages. */
  const all = async <T>(next: (pageToken: string) => Promise<{ items: T[]; nextPageToken: string }>, pageToken = '') => {
    const found: T[] = [];
    for (let token = pageToken; ;) {
      const page = await next(token);
      found.push(...page.items);
      token = page.nextPageToken;
      if (token === '') return found;
    }
  };

  const postPage = ({ of = world.posts, ctx = anyone(), window = HOUR, ...asked }: Asked = {}) =>
    of.listTrendingPosts(ctx, { window, pageSize: 50, ...asked });
  const tagPage = ({ of = world.posts, ctx = anyone(), window = HOUR, ...asked }: Asked = {}) =>
    of.listTrendingHashtags(ctx, { window, pageSize: 50, ...asked });

  return {
    ...world,
    world,
    redis,
    there: there.posts,
    now,
    /** Other rankings are shown from now on, of this window and all shorter ones. */
    pass: (ms = MINUTE / 2) => void (time += ms),
    /** A post of which nobody is told: it gets no points but those that a test gives. */
    plant: async (authorId: string, text: string): Promise<Post> => {
      const post = newPost(newId(), { authorId, text, media: [], productIds: [], visibility: 'PUBLIC' });
      const rows = [insert(postsTable, { ...toItem(post), media: [] }), ...placeMoves(undefined, post)];
      await world.db.transact(anyone(), rows);
      return post;
    },
    /** At once, where it does not matter by what. */
    attract: (post: Pick<Post, 'postId' | 'hashtags'>, points: number, at = time) =>
      attention.count(anyone(), {
        id: newId(),
        at,
        post,
        points,
        tagPoints: points,
      }),
    postPage,
    tagPage,
    /** Of all that trends, the ids of these posts in their order: other tests have theirs in the same ranking. */
    trendingPosts: async (ids: readonly string[], asked: Asked = {}): Promise<string[]> => {
      const found = await all(async (pageToken) => {
        const { posts, nextPageToken } = await postPage({ ...asked, pageToken });
        return { items: posts.map(({ post }) => post!.postId), nextPageToken };
      }, asked.pageToken);
      return found.filter((id) => ids.includes(id));
    },
    trendingTags: async (tags: readonly string[], asked: Asked = {}): Promise<string[]> => {
      const found = await all(async (pageToken) => {
        const { hashtags, nextPageToken } = await tagPage({ ...asked, pageToken });
        return { items: hashtags.map(({ hashtag }) => hashtag), nextPageToken };
      }, asked.pageToken);
      return found.filter((tag) => tags.includes(tag));
    },
    close: async () => {
      there.close();
      await replica.close();
      await world.close();
      await redis.stop();
    },
  };
};

export type Stage = Awaited<ReturnType<typeof startStage>>;
