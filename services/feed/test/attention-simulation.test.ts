import process from 'node:process';

import { noMetrics, slotAt, TRENDING_WINDOWS } from '@plaza/core';
import { createBucketSums, createMemoryDb, insert, type Buckets, type Db, type Fault } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createPayAttention } from '../src/attention.ts';
import { countSales } from '../src/consumers/count-sales.ts';
import { countViews } from '../src/consumers/count-views.ts';
import { trendLike } from '../src/consumers/trend-like.ts';
import { trendPost } from '../src/consumers/trend-post.ts';
import { trendRepost } from '../src/consumers/trend-repost.ts';
import { worthOf } from '../src/domain/posts/attention.ts';
import { createAttentionStore } from '../src/store/posts/attention-store.ts';
import { createCountStore } from '../src/store/posts/count-store.ts';
import { toItem } from '../src/store/posts/post-item.ts';
import { createPostReader } from '../src/store/posts/post-reader.ts';
import { createSaleStore } from '../src/store/posts/sale-store.ts';
import { keys, postAttention, postsTable, tagAttention } from '../src/store/table.ts';
import {
  byWindow,
  gone,
  happening,
  HIDDEN,
  LIVING,
  modelled,
  NOW,
  POSTED,
  PRODUCT,
  unknown,
  type Counted,
  type Told,
} from './attention-model.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 120);
const DEATH = new Error('the process died here');

const fault = fc.option(
  fc.constantFrom<Fault | 'death' | 'graph'>('conflict', 'throttle', 'partial', 'lost-reply', 'unreachable', 'death', 'graph'),
  { nil: undefined, freq: 3 },
);

test(
  'however views, likes, reposts, answers and orders are repeated, disordered, lost halfway or killed: each counts once, for what all may see',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { minLength: 1, maxLength: 6 }),
        fc.array(fault, { maxLength: 60 }),
        fc.scheduler(),
        async (drawn, faults, scheduler) => {
          let live = false;
          const next = async (verb: string) => {
            if (!live) return undefined;
            await scheduler.schedule(Promise.resolve(), verb);
            const chosen = faults.shift();
            if (chosen === 'death' || (chosen === 'graph' && verb === 'graph')) throw DEATH;
            return chosen === 'graph' ? undefined : chosen;
          };
          const db = createMemoryDb({ faults: ({ verb }) => next(verb) });
          for (const post of LIVING) await db.write(testContext(), insert(postsTable, toItem(post)));
          await db.write(testContext(), insert(postsTable, { ...toItem(gone), deletedAt: 1 }));
          const told = drawn.map(({ what, ...each }, i) => ({ ...what, ...each, id: `told-${i}`, by: `person-${i}` })) as Told[];
          live = true;
          await scheduler.waitFor(deliverAll(db, told, () => next('graph')));
          live = false;
          expect(await counted(db)).toEqual(modelled(told));
        },
      ),
      { numRuns: RUNS },
    );
  },
);

/** Two processes take deliveries side by side; what fails comes again. */
const deliverAll = async (db: Db, told: readonly Told[], askGraph: () => Promise<unknown>) => {
  const now = () => NOW;
  const verdicts = async (_ctx: unknown, _viewer: string, authors: readonly string[]) => {
    await askGraph();
    return new Map(authors.map((id) => [id, { hidden: id === HIDDEN, muted: false, following: false }]));
  };
  const processes = [0, 1].map(() => {
    const peers = { verdicts };
    const posts = createPostReader({ db });
    const deps = {
      posts,
      counts: createCountStore({ db, now }),
      payAttention: createPayAttention({ attention: createAttentionStore({ db, now }), posts, peers }),
      sales: createSaleStore({ db, now }),
      peers,
      metrics: noMetrics,
    };
    const views = countViews(deps, 'views');
    return { views, like: trendLike(deps), repost: trendRepost(deps), post: trendPost(deps), order: countSales(deps) };
  });
  const once = (each: Told, { views, like, repost, post, order }: (typeof processes)[number]): Promise<void> => {
    const ctx = testContext();
    const time = new Date(each.at);
    const meta = { id: each.id, at: 0, aggregateId: '', version: 1, tries: 1, stopping: new AbortController().signal };
    switch (each.kind) {
      case 'views':
        return views(ctx, { flushId: each.id, postIds: each.postIds, viewTime: time }, meta);
      case 'like':
        return like(ctx, { postId: each.postId, authorId: '', userId: each.by, likeTime: time }, meta);
      case 'repost':
        return repost(ctx, { postId: each.postId, authorId: '', userId: each.by, repostId: '', repostTime: time }, meta);
      case 'post': {
        const { postId, authorId, visibility, replyToPostId = '' } = LIVING.find(({ postId: id }) => id === each.postId)!;
        return post(
          ctx,
          { postId, authorId, isPrivate: visibility === 'PRIVATE', createTime: new Date(POSTED), replyToPostId },
          meta,
        );
      }
      case 'order': {
        const lines = [{ productId: PRODUCT, sellerId: '', quantity: BigInt(each.units) }];
        const paid = { orderId: each.id, userId: each.buyer, lines, total: undefined, attributedPostId: each.postId };
        return order(ctx, paid, meta);
      }
    }
  };
  const deliver = async (each: Told, of: number): Promise<void> => {
    for (let tries = 0; ; tries++) {
      try {
        return await once(each, processes[of]!);
      } catch (error) {
        if (tries > 100) throw error;
      }
    }
  };
  await Promise.all(told.flatMap((each) => Array.from({ length: each.again + 1 }, (_, i) => deliver(each, i % 2))));
};

/** The same, from the table. */
const counted = async (db: Db): Promise<Counted> => {
  const ids = [...LIVING, gone].map(({ postId }) => postId).concat(unknown);
  const rows = await db.batchGet(testContext(), postsTable, ids.map(keys.counts));
  const views = Object.fromEntries(ids.flatMap((id, i) => (rows[i] ? [[id, Number(rows[i]['views'])]] : [])));
  const sold = await Promise.all(
    ids.map(async (id) => [id, await createSaleStore({ db, now: () => NOW }).get(testContext(), id)] as const),
  );
  const sales = sold.flatMap(([id, { orders, units, products }]) =>
    orders > 0 ? [[id, { orders, units, of: products.find(({ productId }) => productId === PRODUCT)!.units }]] : [],
  );
  const sums = async (buckets: Buckets) => {
    const addUp = createBucketSums({ db, buckets, worth: worthOf });
    const all = await Promise.all(TRENDING_WINDOWS.map((window) => addUp(testContext(), window, slotAt(window, NOW))));
    return byWindow((window) => Object.fromEntries(all[TRENDING_WINDOWS.indexOf(window)]!));
  };
  return { views, posts: await sums(postAttention), tags: await sums(tagAttention), sales: Object.fromEntries(sales) };
};
