import { newId } from '@plaza/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Counts, Look, Mine } from '../posts/look.ts';
import { entryOf, repostKey, storyKey } from './entry.ts';
import { distinct, ranked, type Weighed } from './ranking.ts';

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;
const NONE: Counts = { likes: 0, reposts: 0, replies: 0, views: 0 };

interface Made extends Weighed {
  readonly at: number;
}

/** A post of so many hours ago. */
const post = (hours: number, more: { author?: string; mine?: Mine; counts?: Partial<Counts> } = {}): Made => {
  const { author = 'author', mine = {}, counts = {} } = more;
  const postId = newId();
  const about = { postId, authorId: author, visibility: 'PUBLIC' as const, version: 1 };
  const content = { text: '', media: [], productIds: [], hashtags: [], mentions: [], rootPostId: postId, depth: 0, createdAt: 0 };
  const look: Look = { post: { ...about, ...content }, counts: { ...NONE, ...counts }, mine };
  return { entry: entryOf(postId), look, at: NOW - hours * HOUR };
};
const story = (hours: number): Made => ({ entry: entryOf(storyKey(newId(), newId())), at: NOW - hours * HOUR });

const order = (items: readonly Made[]): Made[] => {
  const times = new Map(items.map(({ entry, at }) => [entry.key, at]));
  return ranked(items, NOW, ({ key }) => times.get(key)!);
};

test('of items alike the newer one comes first, and of equals the one with the greater key', () => {
  const [old, fresh] = [post(2), post(1)];
  expect(order([old, fresh])).toEqual([fresh, old]);
  const [one, other] = [story(3), story(3)];
  expect(order([one, other])).toEqual([other, one]);
});

test('worth halves every six hours: twice the fondness makes up for that, and for no more', () => {
  // One like of the author's posts: 1 + log2(2).
  const liked = post(100, { author: 'dear', mine: { likedAt: 1 } });
  const dear = (hours: number) => post(hours, { author: 'dear' });
  const rival = post(1);
  const [closer, later] = [dear(6.9), dear(7.1)];
  expect(order([liked, rival, closer])[0]).toBe(closer);
  expect(order([liked, rival, later])[0]).toBe(rival);
});

test('to pass on and to keep in mind tells of more fondness than a like does', () => {
  const marks: Mine[] = [{ likedAt: 1 }, { repostedAt: 1 }];
  const [liked, passed] = marks.map((mine, i) => post(1, { author: `author ${i}`, mine }));
  expect(order([liked!, passed!])).toEqual([passed, liked]);
  const kept = post(1, { author: 'kept', mine: { bookmarkedAt: 1 } });
  expect(order([kept, liked!])).toEqual([kept, liked]);
});

test('what others do with a post counts by its logarithm', () => {
  const [quiet, known, famous] = [post(1), post(1.1, { counts: { likes: 30 } }), post(9, { counts: { likes: 30_000 } })];
  expect(order([quiet, known, famous])).toEqual([known, famous, quiet]);
  for (const kind of ['likes', 'reposts', 'replies', 'views'] as const) {
    const seen = post(1.1, { counts: { [kind]: 9 } });
    expect(order([quiet, seen])).toEqual([seen, quiet]);
  }
});

test('stories count by their age, as a post does that nobody minds', () => {
  const [first, second, third] = [story(1), post(2), story(3)];
  expect(order([third, second, first])).toEqual([first, second, third]);
});

test('a ranking has each item once, whatever order they come in', () => {
  const made = fc.record({ hours: fc.integer({ min: 0, max: 500 }), likes: fc.nat(9), author: fc.constantFrom('a', 'b') });
  fc.assert(
    fc.property(fc.array(made), fc.infiniteStream(fc.nat()), (specs, chance) => {
      const items = specs.map(({ hours, likes, author }) => post(hours, { author, counts: { likes } }));
      const shuffled = items
        .map((item) => ({ item, turn: chance.next().value! }))
        .sort((a, b) => a.turn - b.turn)
        .map(({ item }) => item);
      expect(order(shuffled)).toEqual(order(items));
      expect(new Set(order(items))).toEqual(new Set(items));
    }),
  );
});

test('of a post and those who pass it on the first stays, as of a story with two sources', () => {
  const [one, two, who, told] = [newId(), newId(), newId(), newId()];
  const keys = [repostKey(newId(), who, one), two, one, storyKey(told, who), storyKey(told, one)];
  expect(distinct(keys.map((key) => ({ entry: entryOf(key) }))).map(({ entry }) => entry.key)).toEqual([
    keys[0],
    keys[1],
    keys[3],
  ]);
});
