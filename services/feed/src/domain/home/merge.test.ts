import { newId } from '@plaza/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { entryOf, repostKey, storyKey, type Entry } from './entry.ts';
import { MOST_NAMES, namesOf, passedOnToo, placed, shownOf, WINDOW, type Position } from './merge.ts';

const POSTS = Array.from({ length: 4 }, () => newId());
const PEOPLE = Array.from({ length: 8 }, () => newId());
const [ANN, BEN, ...OTHERS] = PEOPLE as [string, string, ...string[]];

/** Newest first, as a feed has them; the last ones are the posts themselves. */
const keysOf = (made: readonly { what: number; who: number }[]): string[] =>
  made
    .map(({ what, who }) => {
      if (what < POSTS.length) return repostKey(newId(), PEOPLE[who]!, POSTS[what]!);
      return what === POSTS.length ? storyKey(newId(), PEOPLE[who]!) : newId();
    })
    .reverse()
    .concat([...POSTS].reverse());

const anyKeys = fc
  .array(fc.record({ what: fc.integer({ min: 0, max: 60 }), who: fc.nat(PEOPLE.length - 1) }), { maxLength: 150 })
  .map(keysOf);

const seen = (keys: readonly string[]): { entry: Entry }[] => keys.map((key) => ({ entry: entryOf(key) }));
const subject = ({ entry }: { entry: Entry }) => (entry.kind === 'STORY' ? entry.place : entry.postId);

test('pages of any sizes, whatever is hidden in between, are cut from one sequence', () => {
  fc.assert(
    fc.property(
      anyKeys,
      fc.array(fc.boolean(), { maxLength: 150 }),
      fc.array(fc.integer({ min: 1, max: 7 })),
      (keys, hides, sizes) => {
        const rows = keys.map((key, i) => ({ key, item: hides[i] ? undefined : { entry: entryOf(key) } }));
        const shown: { entry: Entry }[] = [];
        let position: Position | undefined;
        for (let at = 0, turn = 0; at < rows.length; turn++) {
          const size = sizes[turn] ?? 3;
          for (const { place, item } of placed(position, rows.slice(at, at + size))) {
            position = JSON.parse(JSON.stringify(place)) as Position;
            if (item) shown.push(item);
          }
          at += size;
        }
        expect(shown.map(({ entry }) => entry.key)).toEqual(
          shownOf(rows.flatMap(({ item }) => item ?? [])).map(({ entry }) => entry.key),
        );
      },
    ),
  );
});

test('nothing is shown twice within 40 items, and nothing is left out that was not', () => {
  fc.assert(
    fc.property(anyKeys, (keys) => {
      const shown = shownOf(seen(keys)).map(subject);
      for (const [i, one] of shown.entries()) expect(shown.slice(Math.max(0, i - WINDOW), i)).not.toContain(one);
      expect(new Set(shown)).toEqual(new Set(seen(keys).map(subject)));
    }),
  );
});

test('the 41st item after it may be the same post again', () => {
  const between = Array.from({ length: WINDOW }, () => newId()).reverse();
  const post = newId();
  const later = repostKey(newId(), ANN, post);
  expect(shownOf(seen([later, ...between, post]))).toHaveLength(WINDOW + 2);
  expect(shownOf(seen([later, ...between.slice(1), post]))).toHaveLength(WINDOW);
});

test('one story of two sources is one item', () => {
  const story = newId();
  expect(shownOf(seen([storyKey(story, BEN), storyKey(story, ANN), storyKey(newId(), ANN)]))).toHaveLength(2);
});

test('who else passed a post on is named, the latest first, each once, up to five, from the 40 entries behind it', () => {
  const [post, other] = [newId(), newId()];
  const repost = (who: string, what = post) => repostKey(newId(), who, what);
  const first = entryOf(repost(ANN));
  const behind = [repost(BEN), repost(BEN, other), post, repost(ANN), ...OTHERS.map((who) => repost(who))];
  const names = namesOf([first, ...passedOnToo(first, behind)]);
  expect(names).toEqual([ANN, BEN, ...OTHERS].slice(0, MOST_NAMES));
  const far = Array.from({ length: WINDOW - 1 }, () => newId());
  expect(namesOf([first, ...passedOnToo(first, [...far, repost(BEN)])])).toEqual([ANN, BEN]);
  expect(namesOf([first, ...passedOnToo(first, [...far, newId(), repost(BEN)])])).toEqual([ANN]);
  expect(passedOnToo(entryOf(post), behind)).toEqual([]);
});
