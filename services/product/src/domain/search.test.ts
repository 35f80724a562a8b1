import { newId } from '@plaza/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { candidatesOf, compareMatches, matchesOf, scoreOf, type Match, type Place } from './search.ts';

test.each([
  ['tea', 'green tea', '', 3],
  ['te', 'green tea', 'te', 2],
  ['tea', 'green', 'tea', 1],
  ['te', 'green', 'tea', 0],
  ['tea gre', 'green tea', '', 5],
  ['tea x', 'green tea', '', undefined],
  ['t', 'tea', 'teapot', undefined],
  ['t', 't shirt', '', 3],
  ['een', 'green', '', undefined],
  ['tea', '', '', undefined],
])('%s in "%s" and "%s" scores %s', (query, name, more, score) => {
  expect(scoreOf({ name, more }, query.split(' '))).toBe(score);
});

test('a product is taken at the first of its words that the driver finds, and only there', () => {
  const of = (word: string, inName: boolean) => ({ word, inName, step: 3, productId: 'p', name: 'teapot tea', more: 'teacup' });
  const rows = [of('tea', true), of('teacup', false), of('teapot', true)];
  expect(matchesOf(rows, ['tea'], 'tea')).toEqual([{ score: 3, step: 3, productId: 'p' }]);
  expect(matchesOf(rows.slice(1), ['tea'], 'tea')).toEqual([]);
  expect(matchesOf(rows, ['tea', 'x'], 'tea')).toEqual([]);
  expect(matchesOf([of('teacup', false)], ['teac', 'teap'], 'teac')).toEqual([{ score: 2, step: 3, productId: 'p' }]);
});

test('the better match comes first, then the more popular, then the newer', () => {
  const [old, young] = [newId(), newId()];
  const match = (score: number, step: number, productId: string): Match => ({ score, step, productId });
  const ranked = [match(3, 0, old), match(2, 9, young), match(2, 9, old), match(2, 8, young)];
  expect(ranked.toReversed().toSorted(compareMatches)).toEqual(ranked);
});

test('windows are walked through without a gap or a double, in pages of any size, and an empty one is passed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 7 }),
      (sizes, pageSize) => {
        const windows = sizes.map((size, w) =>
          Array.from({ length: size }, (_, i): Match => ({ score: size - i, step: 0, productId: `${w}/${i}` })),
        );
        const seen: string[] = [];
        let place: Place = { driver: 0 };
        for (let end = false; !end;) {
          const w = Number(place.start ?? 0);
          const window = { place: { driver: 0, start: place.start, end: w + 1 < sizes.length ? `${w + 1}` : undefined } };
          const next = candidatesOf({ ...window, matches: windows[w]! }, place.after, pageSize);
          seen.push(...next.candidates.flatMap(({ productId }) => productId ?? []));
          expect(next.candidates.length).toBeLessThanOrEqual(pageSize);
          ({ end } = next);
          if (!end) ({ place } = next.candidates.at(-1)!);
        }
        expect(seen).toEqual(windows.flat().map(({ productId }) => productId));
      },
    ),
  );
});
