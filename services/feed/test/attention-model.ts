import { bucketAt, bucketsOf, newId, slotAt, type TrendingWindow } from '@plaza/core';
import fc from 'fast-check';

import { POINTS, PUBLISHED, worthOf } from '../src/domain/posts/attention.ts';
import { newPost, type Post, type PostVisibility } from '../src/domain/posts/post.ts';

export const NOW = 1_800_000_000_000;
export const POSTED = NOW - 3 * 3_600_000;

export const [OPEN, HIDDEN, PRODUCT] = [newId(), newId(), newId()];
const made = (authorId: string, text: string, visibility: PostVisibility = 'PUBLIC', productIds = [PRODUCT]): Post =>
  newPost(newId(), { authorId, text, media: [], productIds, visibility });

/** What stands in the table, and whether it may trend. */
const tea = made(OPEN, '#tea #cups');
const answer = { ...made(OPEN, '#tea'), replyToPostId: tea.postId, depth: 1, rootPostId: tea.postId };
const bare = Array.from({ length: 60 }, () => made(OPEN, 'nothing', 'PUBLIC', []));
const many = made(OPEN, Array.from({ length: 20 }, (_, i) => `#many${i}`).join(' '));
const shy = [made(OPEN, '#tea #secret', 'FOLLOWERS'), made(OPEN, '#secret', 'PRIVATE'), made(HIDDEN, '#tea #secret')] as const;
const [, diary] = shy;
export const gone = made(OPEN, '#secret');
export const unknown = newId();
export const LIVING = [tea, answer, many, ...shy, ...bare];
const IDS = [tea, answer, many, ...shy, bare[0]!, gone].map(({ postId }) => postId).concat(unknown);

const somePosts = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...IDS), { minLength: 1, maxLength: 4 }) },
  fc.constant<string[]>([...bare.map(({ postId }) => postId), tea.postId, unknown]),
);
const kind = fc.oneof(
  fc.record({ kind: fc.constant('views' as const), postIds: somePosts }),
  fc.record({ kind: fc.constantFrom('like' as const, 'repost' as const), postId: fc.constantFrom(...IDS) }),
  fc.record({
    kind: fc.constant('post' as const),
    postId: fc.constantFrom(answer.postId, many.postId, ...shy.map((p) => p.postId)),
  }),
  fc.record({
    kind: fc.constant('order' as const),
    postId: fc.constantFrom('', ...IDS),
    buyer: fc.constantFrom(OPEN, HIDDEN, 'B'),
    units: fc.integer({ min: 1, max: 5 }),
  }),
);
type What = typeof kind extends fc.Arbitrary<infer T> ? T : never;
export type Told = What & { at: number; again: number; id: string; by: string };
export const happening = fc.record({
  what: kind,
  at: fc.oneof(fc.nat(2 * 3_600_000), fc.nat(8 * 24 * 3_600_000)).map((ago) => NOW - ago),
  /** Delivered again so often, whatever becomes of it. */
  again: fc.nat(2),
});
export interface Counted {
  readonly views: Record<string, number>;
  readonly posts: Record<TrendingWindow, Record<string, number>>;
  readonly tags: Record<TrendingWindow, Record<string, number>>;
  readonly sales: Record<string, { orders: number; units: number; of: number }>;
}

const TRENDING = new Set([tea, answer, many, ...bare]);

/** The model: sums of what happened to posts that may be seen. */
export const modelled = (told: readonly Told[]): Counted => {
  const views: Record<string, number> = {};
  const sales: Counted['sales'] = {};
  const attention: { post: Post; at: number; points: number; tagPoints: number }[] = [];
  const pay = (postId: string, at: number, points: number, tagPoints = points) => {
    const post = [...TRENDING].find((each) => each.postId === postId);
    if (post) attention.push({ post, at, points, tagPoints });
  };
  const posted = new Set<string>();
  for (const each of told)
    switch (each.kind) {
      case 'views':
        for (const postId of new Set(each.postIds)) {
          if (postId === unknown || postId === gone.postId || postId === diary.postId) continue;
          add(views, postId, 1);
          pay(postId, each.at, POINTS.view);
        }
        break;
      case 'like':
      case 'repost':
        pay(each.postId, each.at, POINTS[each.kind]);
        break;
      case 'post':
        if (posted.has(each.postId)) break;
        posted.add(each.postId);
        pay(each.postId, POSTED, 0, PUBLISHED);
        if (each.postId === answer.postId) pay(tea.postId, POSTED, POINTS.reply);
        break;
      case 'order': {
        const post = [tea, answer, many].find(({ postId, authorId }) => postId === each.postId && authorId !== each.buyer);
        if (!post) break;
        const { orders, units } = sales[post.postId] ?? { orders: 0, units: 0 };
        sales[post.postId] = { orders: orders + 1, units: units + each.units, of: units + each.units };
      }
    }
  const windowed = (idsOf: (what: (typeof attention)[number]) => [string, number][]) =>
    byWindow((window) => {
      const slot = slotAt(window, NOW);
      const points: Record<string, number> = {};
      for (const what of attention)
        for (const [id, some] of idsOf(what)) if (some > 0) add(points, `${bucketAt(window, what.at)} ${id}`, some);
      const sums: Record<string, number> = {};
      for (const [place, some] of Object.entries(points)) {
        const [bucket, id] = place.split(' ') as [string, string];
        if (bucketsOf(window, slot).includes(Number(bucket))) add(sums, id, worthOf(some, slot - Number(bucket), window));
      }
      return sums;
    });
  return {
    views,
    posts: windowed(({ post, points }) => [[post.postId, points]]),
    tags: windowed(({ post, tagPoints }) => post.hashtags.map((tag): [string, number] => [tag, tagPoints])),
    sales,
  };
};

export const byWindow = <T>(of: (window: TrendingWindow) => T): Record<TrendingWindow, T> => ({
  HOUR: of('HOUR'),
  DAY: of('DAY'),
  WEEK: of('WEEK'),
});

const add = (sums: Record<string, number>, id: string, by: number) => {
  sums[id] = (sums[id] ?? 0) + by;
};
