import { asUser, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { graph as graphTable, keys } from '../src/store/table.ts';
import { seedFollowing, seedStanding, seedTies } from './recount.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const since = { version: 1, at: 1 };
const put = (...rows: { pk: string; sk: string }[]) => world.app.db.batchWrite(testContext(), graphTable, { put: rows });

const page = (viewerId: string, userId: string, pageToken = '', pageSize = 100) =>
  world.graph.listMutuals(asUser(viewerId, 30_000), { viewerId, userId, pageSize, pageToken });

const whole = async (viewerId: string, userId: string, pageSize: number) => {
  const pages: string[][] = [];
  let pageToken = '';
  do {
    const { userIds, nextPageToken } = await page(viewerId, userId, pageToken, pageSize);
    pages.push(userIds);
    pageToken = nextPageToken;
  } while (pageToken !== '');
  return pages;
};

test('of those whom the viewer follows, who follows the user, the newest first, whatever the page size', async () => {
  const [me, star, ...friends] = people(702) as [string, string, ...string[]];
  await seedFollowing(world.app.db, [{ followerId: me, followeeIds: friends }]);
  const mutual = friends.filter((_, i) => i % 9 === 0 || i > 680);
  await put(...mutual.map((id) => ({ ...keys.following(id, star), ...since })));
  for (const pageSize of [100, 7]) expect((await whole(me, star, pageSize)).flat()).toEqual(mutual);
  // Five hundred are looked at, so that nobody waits for a page out of five thousand.
  const [other] = people(1) as [string];
  await put({ ...keys.following(friends[650]!, other), ...since });
  expect(await whole(me, other, 100)).toEqual([[], [friends[650]]]);
});

test('who is nobody to the viewer is left out; of who is private, gone or blocking there is no list but for followers', async () => {
  const [me, star, kept, gone, blocked] = people(5) as [string, string, string, string, string];
  await seedFollowing(world.app.db, [{ followerId: me, followeeIds: [kept, gone, blocked] }]);
  const { db } = world.app;
  await put(...[kept, gone, blocked].map((id) => ({ ...keys.following(id, star), ...since })));
  await seedStanding(db, gone, { gone: true });
  await seedTies(db, me, keys.blockedBy(me, blocked));
  expect((await page(me, star)).userIds).toEqual([kept]);
  await seedStanding(db, star, { isPrivate: true });
  expect((await page(me, star)).userIds).toEqual([]);
  await seedTies(db, me, keys.following(me, star));
  expect((await page(me, star)).userIds).toEqual([kept]);
  await seedTies(db, me, keys.blockedBy(me, star));
  expect((await page(me, star)).userIds).toEqual([]);
});

test('a token is good for its viewer and user only, and nobody sees with the eyes of another', async () => {
  const [me, star, a, b] = people(4) as [string, string, string, string];
  await seedFollowing(world.app.db, [{ followerId: me, followeeIds: [a, b] }]);
  await put(...[a, b].map((id) => ({ ...keys.following(id, star), ...since })));
  const { nextPageToken } = await page(me, star, '', 1);
  expect((await page(me, star, nextPageToken, 1)).userIds).toEqual([b]);
  await expect(page(me, a, nextPageToken)).rejects.toMatchObject({ reason: 'PAGE_TOKEN_INVALID' });
  await expect(world.graph.listMutuals(asUser(a), { viewerId: me, userId: star })).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
  });
});
