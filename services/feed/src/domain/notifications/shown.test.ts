import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Notice, Reading } from './notice.ts';
import { cutShort, emptyPage, filled, MOST_FOLLOWERS, shownOf, type Shown } from './shown.ts';

/** A list, the latest first: each row with what may be shown of it. */
interface Row {
  readonly notice: Notice;
  readonly shown: Shown | undefined;
}

const rowsOf = (kinds: readonly ('FOLLOW' | 'LIKE' | 'hidden')[]): Row[] =>
  kinds.map((kind, i) => {
    const place = String(kinds.length - i).padStart(26, '0');
    const about = `x${i}`;
    const notice: Notice = { kind: kind === 'LIKE' ? 'LIKE' : 'FOLLOW', about, place };
    const shown = { notice, first: notice, actors: [about], actorCount: 1, look: undefined };
    return { notice, shown: kind === 'hidden' ? undefined : shown };
  });

/** All pages of a size, each token handed on. */
const pagesOf = (rows: readonly Row[], size: number, reading: Reading): Shown[][] => {
  const pages: Shown[][] = [];
  for (let below: string | undefined; ;) {
    let page = emptyPage(below);
    for (const { notice, shown } of rows)
      if (below === undefined || notice.place < below) page = filled(page, notice, shown, size, reading);
    pages.push([...page.items]);
    if (!page.full) return pages;
    below = page.after;
  }
};

const lists = fc
  .array(fc.tuple(fc.constantFrom('FOLLOW', 'FOLLOW', 'LIKE', 'hidden'), fc.integer({ min: 1, max: 90 })), { maxLength: 12 })
  .map((runs) => rowsOf(runs.flatMap(([kind, times]) => Array.from({ length: kind === 'LIKE' ? 1 : times }, () => kind))));
const reads = (rows: readonly Row[], upTo: number): Reading => ({
  readUpTo: rows[upTo % Math.max(1, rows.length)]?.notice.place ?? '',
  unwanted: [],
});

test('a list is cut into the same items however it is paged, and none is lost or comes twice', () => {
  fc.assert(
    fc.property(lists, fc.nat(), fc.integer({ min: 1, max: 20 }), (rows, upTo, size) => {
      const reading = reads(rows, upTo);
      const whole = pagesOf(rows, 10_000, reading)[0]!;
      const pages = pagesOf(rows, size, reading);
      expect(pages.flat()).toEqual(whole);
      for (const page of pages.slice(0, -1)) expect(page).toHaveLength(size);
      expect(whole.reduce((sum, { actorCount }) => sum + actorCount, 0)).toBe(rows.filter(({ shown }) => shown).length);
    }),
    { numRuns: 200 },
  );
});

test('what is unread is the same, counted by itself or in the list; nothing read and unread is one', () => {
  fc.assert(
    fc.property(lists, fc.nat(), (rows, upTo) => {
      const reading = reads(rows, upTo);
      const unread = ({ notice }: { notice: Notice }) => notice.place > reading.readUpTo;
      const counted = pagesOf(rows.filter(unread), 10_000, reading)[0]!;
      const listed = pagesOf(rows, 10_000, reading)[0]!.filter(unread);
      expect(counted).toEqual(listed);
      for (const item of listed) expect(unread({ notice: item.first })).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('at most a hundred who follow are one, the latest named first, and the place is of the latest', () => {
  const rows = rowsOf(Array.from({ length: 150 }, () => 'FOLLOW' as const));
  const [first, second] = pagesOf(rows, 10, { readUpTo: '', unwanted: [] })[0]!;
  expect([first!.actorCount, second!.actorCount]).toEqual([MOST_FOLLOWERS, 50]);
  expect(first!.actors).toEqual(['x0', 'x1', 'x2']);
  expect(first!.notice).toBe(rows[0]!.notice);
  expect(first!.first).toBe(rows[99]!.notice);
});

test('a page that must end leaves those who follow, and may go on, to the next one', () => {
  const rows = rowsOf(['LIKE', 'FOLLOW', 'FOLLOW']);
  const reading = { readUpTo: '', unwanted: [] };
  const page = rows.reduce((so, { notice, shown }) => filled(so, notice, shown, 9, reading), emptyPage(undefined));
  const cut = cutShort(page);
  expect(cut.items.map(({ notice }) => notice)).toEqual([rows[0]!.notice]);
  expect(cut.after).toBe(rows[0]!.notice.place);
});

const seen = { hidden: false, muted: false, following: false };
const post = {
  postId: 'p',
  authorId: 'me',
  text: 'hello',
  media: [],
  productIds: [],
  hashtags: [],
  mentions: [],
  visibility: 'PUBLIC' as const,
  rootPostId: 'p',
  depth: 0,
  version: 1,
  createdAt: 0,
};
const look = { post, counts: { likes: 12, reposts: 0, replies: 0, views: 0 }, mine: {} };
const liked = (facts: Partial<Parameters<typeof shownOf>[1]>) =>
  shownOf(
    { kind: 'LIKE', about: 'p', place: '1' },
    { userId: 'me', look, people: { ids: [], places: [], all: true }, verdicts: new Map(), sellerId: undefined, ...facts },
  );

test('of likes those are named who may be seen; of many, those who may not are taken off the count', () => {
  const verdicts = new Map([
    ['a', seen],
    ['b', { ...seen, hidden: true }],
    ['c', { ...seen, muted: true }],
    ['d', seen],
  ]);
  const ids = ['a', 'b', 'c', 'd', 'unknown', 'me'];
  const places = ['6', '5', '4', '3', '2', '1'];
  expect(liked({ people: { ids, places, all: true }, verdicts })).toMatchObject({ actors: ['a', 'd'], actorCount: 2 });
  expect(liked({ people: { ids, places, all: false }, verdicts })).toMatchObject({ actors: ['a', 'd'], actorCount: 8 });
  const own = { ...look, mine: { likedAt: 1 } };
  expect(liked({ people: { ids: ['a', 'd'], places: ['6', '3'], all: false }, verdicts, look: own })).toMatchObject({
    actorCount: 11,
  });
});

test('likes of nobody who may be seen, of a deleted post, or of somebody else’s are not told', () => {
  const people = { ids: ['a'], places: ['1'], all: true };
  const verdicts = new Map([['a', seen]]);
  expect(liked({ people, verdicts })).toBeDefined();
  expect(liked({ verdicts })).toBeUndefined();
  expect(liked({ people })).toBeUndefined();
  expect(liked({ people, verdicts, look: undefined })).toBeUndefined();
  const tombstone = { postId: 'p', authorId: 'me', visibility: 'PUBLIC' as const, version: 2, deletedAt: 1 };
  expect(liked({ people, verdicts, look: { ...look, post: tombstone } })).toBeUndefined();
  expect(liked({ people, verdicts, look: { ...look, post: { ...post, authorId: 'other' } } })).toBeUndefined();
});

test('of likes the place is of the latest that may be told of, and never later than what was noted', () => {
  const verdicts = new Map([
    ['early', seen],
    ['ann', seen],
    ['bob', { ...seen, hidden: true }],
    ['carl', { ...seen, muted: true }],
    ['late', seen],
  ]);
  const placeOf = (place: string, people: readonly [string, string][]) =>
    shownOf(
      { kind: 'LIKE', about: 'p', place },
      {
        userId: 'me',
        look,
        people: { ids: people.map(([id]) => id), places: people.map(([, at]) => at), all: true },
        verdicts,
        sellerId: undefined,
      },
    )?.notice.place;
  const all: [string, string][] = [
    ['late', '5'],
    ['carl', '4'],
    ['bob', '3'],
    ['ann', '2'],
    ['early', '1'],
  ];
  expect(['5', '4', '3', '2', '1'].map((place) => placeOf(place, all))).toEqual(['5', '2', '2', '2', '1']);
  // Whoever did the latest has taken it back.
  expect(placeOf('4', all.slice(3))).toBe('2');
  expect(placeOf('4', all.slice(0, 1))).toBe('4');
});
