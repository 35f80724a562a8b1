import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { createPageTokens, trendingPage, type RankedPlace, type ReadRanking } from '../src/index.ts';

const pageTokens = createPageTokens('of this test');
const NOW = 1_800_000_000_000;

const page = (ranking: ReadRanking, pageToken = '', now = NOW, left: readonly string[] = []) =>
  trendingPage(
    testContext(),
    { window: 'HOUR', pageSize: 2, pageToken },
    {
      ranking,
      show: async (ids) => ids.map((id) => (left.includes(id) ? undefined : id.toUpperCase())),
      pageTokens,
      now: () => now,
    },
  );

const rankingOf =
  (ids: string, asked: number[] = []): ReadRanking =>
  async (_ctx, _window, slot, { from, limit }) => {
    asked.push(slot);
    return Array.from(ids)
      .map((id, i): RankedPlace => ({ slot, rank: i + 1, score: 100 - i, id }))
      .slice(from, from + limit);
  };

const all = async (ranking: ReadRanking, left: readonly string[] = []): Promise<string[]> => {
  const pages: string[] = [];
  for (let token = '', end = false; !end; end = token === '') {
    const { items, nextPageToken } = await page(ranking, token, NOW, left);
    pages.push(items.map(({ shown }) => shown).join(''));
    token = nextPageToken;
  }
  return pages;
};

test('what is not shown is left out, and the page is filled from below; the last page has no token', async () => {
  expect(await all(rankingOf('abcde'))).toEqual(['AB', 'CD', 'E']);
  expect(await all(rankingOf('abcd'))).toEqual(['AB', 'CD']);
  expect(await all(rankingOf('abcdefg'), ['a', 'c', 'd'])).toEqual(['BE', 'FG']);
  expect(await all(rankingOf(''))).toEqual(['']);
});

test('pages go on in the slot of the first one, for an hour; then the list begins anew', async () => {
  const asked: number[] = [];
  const ranking = rankingOf('abcde', asked);
  const { nextPageToken } = await page(ranking);
  const later = await page(ranking, nextPageToken, NOW + 50 * 60_000);
  expect(later.items.map(({ shown }) => shown)).toEqual(['C', 'D']);
  expect(new Set(asked)).toEqual(new Set([NOW]));
  const anew = await page(ranking, nextPageToken, NOW + 61 * 60_000);
  expect(anew.items.map(({ shown }) => shown)).toEqual(['A', 'B']);
});
