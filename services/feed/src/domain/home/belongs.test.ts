import { expect, test } from 'vitest';

import type { Post } from '../posts/post.ts';
import type { Verdict } from '../visible.ts';
import { repostBelongs, storyBelongs } from './belongs.ts';
import type { News, Purchase } from './story.ts';

const VIEWER = 'viewer';
const FOLLOWED: Verdict = { hidden: false, muted: false, following: true, repostsMuted: false };
const STRANGER: Verdict = { ...FOLLOWED, following: false };
const post = (visibility: Post['visibility'] = 'PUBLIC', authorId = 'author'): Post => ({
  postId: 'p',
  authorId,
  visibility,
  text: 'text',
  media: [],
  rootPostId: 'p',
  depth: 0,
  productIds: [],
  hashtags: [],
  mentions: [],
  version: 1,
  createdAt: 0,
});

test.each<[string, boolean, Verdict | undefined, Verdict | undefined, Post?]>([
  ['of somebody followed', true, FOLLOWED, STRANGER],
  ['of an author followed too', true, FOLLOWED, FOLLOWED],
  ['of who is not followed', false, STRANGER, FOLLOWED],
  ['of who is hidden', false, { ...FOLLOWED, hidden: true }, STRANGER],
  ['of who is muted', false, { ...FOLLOWED, muted: true }, STRANGER],
  ['of who passes on too much', false, { ...FOLLOWED, repostsMuted: true }, STRANGER],
  ['of whom it is not told whether they pass on too much', false, { hidden: false, muted: false, following: true }, STRANGER],
  ['of whom nothing is told', false, undefined, STRANGER],
  ['of a hidden author', false, FOLLOWED, { ...STRANGER, hidden: true }],
  ['of a muted author', false, FOLLOWED, { ...STRANGER, muted: true }],
  ['of an author of whom nothing is told', false, FOLLOWED, undefined],
  ['of a post for followers', false, FOLLOWED, FOLLOWED, post('FOLLOWERS')],
  ['of a PRIVATE post', false, FOLLOWED, FOLLOWED, post('PRIVATE')],
  ["of the viewer's own post", true, FOLLOWED, undefined, post('PUBLIC', VIEWER)],
])('a repost %s: shown is %s', (_what, shown, source, author, of = post()) => {
  const verdicts = new Map(Object.entries({ source, author }).flatMap(([id, verdict]) => (verdict ? [[id, verdict]] : [])));
  expect(repostBelongs(of, 'source', VIEWER, verdicts)).toBe(shown);
});

test('neither a deleted post is passed on, nor one to who passed it on', () => {
  const verdicts = new Map([
    ['source', FOLLOWED],
    ['author', STRANGER],
    [VIEWER, FOLLOWED],
  ]);
  const gone = { postId: 'p', authorId: 'author', visibility: 'PUBLIC', version: 2, deletedAt: 1 } as const;
  expect(repostBelongs(gone, 'source', VIEWER, verdicts)).toBe(false);
  expect(repostBelongs(undefined, 'source', VIEWER, verdicts)).toBe(false);
  expect(repostBelongs(post(), VIEWER, VIEWER, verdicts)).toBe(false);
});

const purchase: Purchase = { kind: 'PURCHASE', sourceId: 'buyer', orderId: 'o', productIds: ['tea'] };
const news = (sourceId: string): News => ({ kind: 'NEWS', sourceId, news: 'RESTOCKED', productId: 'tea', sellerId: 'seller' });

test.each<[string, boolean, Verdict | undefined]>([
  ['followed', true, FOLLOWED],
  ['followed, whose reposts are muted', true, { ...FOLLOWED, repostsMuted: true }],
  ['not followed', false, STRANGER],
  ['hidden', false, { ...FOLLOWED, hidden: true }],
  ['muted', false, { ...FOLLOWED, muted: true }],
  ['not told of', false, undefined],
])('purchases and news of a source that is %s: shown is %s', (_what, shown, verdict) => {
  const of = (id: string) => new Map(verdict ? [[id, verdict]] : []);
  for (const isKept of [true, false]) {
    expect(storyBelongs(purchase, VIEWER, of('buyer'), isKept)).toBe(shown);
    expect(storyBelongs(news('seller'), VIEWER, of('seller'), isKept)).toBe(shown);
  }
});

test('what viewers buy or sell themselves is no news to them', () => {
  const verdicts = new Map([[VIEWER, FOLLOWED]]);
  expect(storyBelongs({ ...purchase, sourceId: VIEWER }, VIEWER, verdicts, false)).toBe(false);
  expect(storyBelongs({ ...news(VIEWER), sellerId: VIEWER }, VIEWER, verdicts, true)).toBe(false);
});

test.each<[string, boolean, boolean, Verdict | undefined]>([
  ['kept in view', true, true, STRANGER],
  ['kept in view, of a muted seller', true, true, { ...STRANGER, muted: true }],
  ['kept in view, of a hidden seller', false, true, { ...STRANGER, hidden: true }],
  ['kept in view, of a seller of whom nothing is told', false, true, undefined],
  ['not kept in view, of a seller followed', false, false, FOLLOWED],
])('news of a product that is %s: shown is %s', (_what, shown, isKept, seller) => {
  expect(storyBelongs(news('tea'), VIEWER, new Map(seller ? [['seller', seller]] : []), isKept)).toBe(shown);
});

test("news of one's own product, kept in view, need no verdict, unless they are gone", () => {
  const own = { ...news('tea'), sellerId: VIEWER };
  expect(storyBelongs(own, VIEWER, new Map(), true)).toBe(true);
  expect(storyBelongs(own, VIEWER, new Map([[VIEWER, { ...STRANGER, hidden: true }]]), true)).toBe(false);
});
