import { newId } from '@plaza/core';
import { TrendingWindow } from '@plaza/proto/plaza/product/v1/product_service';
import { asAdmin, asUser, eventually, startRedis, testContext, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createLanes } from '../src/store/lanes.ts';
import { keys, products as productTable } from '../src/store/table.ts';
import { createWantStore } from '../src/store/want-store.ts';
import { refusalOf } from './refusal.ts';
import { asOrder, startWorld, type World } from './world.ts';

const { HOUR, DAY, WEEK } = TrendingWindow;
const MINUTE = 60_000;
/** A busy machine takes its time; nobody here minds. */
const PATIENCE = { timeoutMs: 60_000 };
const SLOW = { timeout: 180_000 };
const anyone = () => testContext(PATIENCE);

/** Two replicas, one table; the clock of both goes ahead by so much. */
let ahead = 0;
const clock = () => Date.now() + ahead;
let redis: Engine;
let here: World;
let there: World;
beforeAll(async () => {
  redis = await startRedis();
  here = await startWorld(async () => ({ redisUrl: redis.url }), clock);
  const { namespace, userAddress, pageSecret } = here.config;
  there = await startWorld(async () => ({ redisUrl: redis.url, namespace, userAddress, pageSecret }), clock);
});
afterAll(async () => {
  await there?.close();
  await here?.close();
  await redis?.stop();
});

test('what is deleted, and what gone sellers offer, is left out; short pages go on', SLOW, async () => {
  const seller = newId();
  here.people.add(seller);
  const ids = [...(await list(3)), ...(await list(6, { sellerId: seller }))];
  for (const [i, productId] of ids.entries()) await want(productId, 1 + i);
  nextSlot();
  const all = ids.toReversed();
  expect((await ranked(ids)).map(([id]) => id)).toEqual(all);
  here.people.delete(seller);
  await atRealTime(() => here.products.deleteProduct(asAdmin(), { productId: ids[1]! }));
  for (const pageSize of [1, 2, 100]) expect((await ranked(ids, { pageSize })).map(([id]) => id)).toEqual([ids[2], ids[0]]);
  here.people.add(seller);
  await atRealTime(() => here.products.undeleteProduct(asAdmin(), { productId: ids[1]! }));
  expect((await ranked(ids)).map(([id]) => id)).toEqual(all);
});

test('pages go on through the ranking that the first one showed, on any replica, while scores change', SLOW, async () => {
  const ids = await list(7);
  for (const [i, productId] of ids.entries()) await want(productId, 20 + i);
  nextSlot();
  const before = await ranked(ids);
  expect(before.map(([id]) => id)).toEqual(ids.toReversed());
  const first = await page(here, { pageSize: 1 });
  await want(ids[0]!, 30);
  nextSlot();
  expect((await ranked(ids))[0]).toEqual([ids[0], 50]);
  const rest = await ranked(ids, { world: there, pageSize: 1, pageToken: first.nextPageToken });
  expect([...own(ids, first), ...rest]).toEqual(before);
});

test(
  'a wiped, lost or absent Redis changes no answer; pages that began before repeat nothing, and lose no product that stayed as it was',
  SLOW,
  async () => {
    const ids = await list(6);
    for (const [i, productId] of ids.entries()) await want(productId, 80 + 2 * i);
    nextSlot();
    const before = await ranked(ids);
    expect(before.map(([id]) => id)).toEqual(ids.toReversed());
    await redis.wipe();
    expect(await ranked(ids)).toEqual(before);
    expect(await ranked(ids, { world: there })).toEqual(before);
    await redis.kill();
    nextSlot();
    expect(await ranked(ids)).toEqual(before);
    nextSlot();
    expect(await ranked(ids, { world: there })).toEqual(before);

    // A ranking begins here, and is lost; over there it is added up again, with what came since.
    nextSlot();
    const first = await page(here, { pageSize: 2 });
    expect(own(ids, first)).toEqual(before.slice(0, 2));
    for (const i of [0, 5, 3]) await want(ids[i]!, 20);
    const rest = await ranked(ids, { world: there, pageSize: 1, pageToken: first.nextPageToken });
    // 0 and 3 moved up past the place: they are left out. 5 and 4 were shown already.
    expect(rest).toEqual([
      [ids[2], 84],
      [ids[1], 82],
    ]);
    await redis.start();
    nextSlot();
    const after = [ids[5], ids[3], ids[0], ids[4], ids[2], ids[1]];
    for (const world of [here, there])
      await eventually(async () => expect((await ranked(ids, { world })).map(([id]) => id)).toEqual(after), PATIENCE);
  },
);

test('a window is named, and a page token is good for its caller and its window', SLOW, async () => {
  const ids = await list(2);
  await view(ids);
  await counted(ids, [1, 1]);
  nextSlot();
  const { nextPageToken: pageToken } = await page(here, { pageSize: 1 });
  expect(pageToken).not.toBe('');
  const invalid = { code: 'INVALID_ARGUMENT', reason: 'PAGE_TOKEN_INVALID' };
  expect(await refusalOf(page(here, { window: DAY, pageToken }))).toMatchObject(invalid);
  expect(await refusalOf(page(here, { pageToken: `${pageToken.slice(0, -2)}AA` }))).toMatchObject(invalid);
  const stranger = { window: HOUR, pageSize: 1, pageToken };
  const asked = atRealTime(() => here.products.listTrendingProducts(asUser(newId()), stranger));
  expect(await refusalOf(asked)).toMatchObject(invalid);
  for (const bad of [
    { window: TrendingWindow.UNSPECIFIED },
    { window: 7 as TrendingWindow },
    { pageSize: 101 },
    { pageSize: -1 },
  ])
    expect(await refusalOf(page(here, bad))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
});

test('views, saves and sales are weighed and ranked; of equals the newer product comes first', SLOW, async () => {
  const ids = await list(5);
  const [viewed, saved, sold, equal, ignored] = ids as [string, string, string, string, string];
  for (let i = 0; i < 3; i++) await view([viewed, equal]);
  await view([sold]);
  const [userId, orderId] = [newId(), newId()];
  await atRealTime(async () => {
    for (let i = 0; i < 2; i++) await here.products.saveProduct(asUser(userId), { userId, productId: saved });
    await here.inventory.reserveStock(asOrder(), { orderId, lines: [{ productId: sold, quantity: 2n }] });
    for (let i = 0; i < 2; i++) await here.inventory.commitReservation(asOrder(), { orderId });
  });
  await counted([viewed, saved, sold, equal, ignored], [3, 5, 41, 3, 0]);
  // Another ranking of each window.
  ahead += 10 * MINUTE;
  const ranking = [
    [sold, 41],
    [saved, 5],
    [equal, 3],
    [viewed, 3],
  ];
  for (const window of [HOUR, DAY, WEEK])
    for (const world of [here, there]) expect(await ranked(ids, { world, window })).toEqual(ranking);
});

test('what is older than a window is not in it', SLOW, async () => {
  const ids = await list(2);
  await view(ids);
  await counted(ids, [1, 1]);
  const start = ahead;
  const windowsAfter = async (hours: number) => {
    ahead = start + hours * 60 * MINUTE;
    const found = await Promise.all([HOUR, DAY, WEEK].map((window) => ranked(ids, { window })));
    return found.map(({ length }) => length > 0);
  };
  expect(await windowsAfter(0.9)).toEqual([true, true, true]);
  expect(await windowsAfter(1.01)).toEqual([false, true, true]);
  expect(await windowsAfter(22.9)).toEqual([false, true, true]);
  expect(await windowsAfter(24.1)).toEqual([false, false, true]);
  expect(await windowsAfter(6.7 * 24)).toEqual([false, false, true]);
  expect(await windowsAfter(7.1 * 24)).toEqual([false, false, false]);
});

test('a place in a ranking can be gone on from for an hour; then the list begins anew', SLOW, async () => {
  const ids = await list(3);
  await view(ids);
  await counted(ids, [1, 1, 1]);
  ahead += 10 * MINUTE;
  const order = (await ranked(ids, { window: WEEK })).map(([id]) => id);
  const { nextPageToken: pageToken } = await page(here, { window: WEEK, pageSize: 1 });
  ahead += 50 * MINUTE;
  expect((await ranked(ids, { window: WEEK, pageToken })).map(([id]) => id)).toEqual(order.slice(1));
  ahead += 20 * MINUTE;
  expect((await ranked(ids, { window: WEEK, pageToken })).map(([id]) => id)).toEqual(order);
});

/** For callers with tokens: by a clock that is ahead, those would be over. */
const atRealTime = async <T>(work: () => Promise<T>): Promise<T> => {
  const before = ahead;
  ahead = 0;
  try {
    return await work();
  } finally {
    ahead = before;
  }
};

const list = (count: number, fields: object = {}) =>
  atRealTime(async () => {
    const ids: string[] = [];
    while (ids.length < count) ids.push(await here.list(fields));
    return ids;
  });

const view = (productIds: string[]) => here.products.recordProductViews(anyone(), { productIds });

/** At once, where it does not matter by what. */
const want = (productId: string, points: number) => {
  const stepChanged = async () => undefined;
  const wants = createWantStore({ db: here.app.db, lanes: createLanes(), stepChanged, now: clock });
  const happening = { id: newId(), at: clock(), wants: [{ productId, points }], committed: () => undefined };
  return wants.count(anyone(), happening);
};

/** Popularity, which is counted together with the buckets. */
const counted = (ids: readonly string[], points: readonly number[]) =>
  eventually(async () => {
    const rows = await here.app.db.batchGet(anyone(), productTable, ids.map(keys.popularity));
    expect(rows.map((row) => Number(row?.['points'] ?? 0))).toEqual(points);
  }, PATIENCE);

/** From now on another ranking of the last hour is shown. */
const nextSlot = () => void (ahead += MINUTE / 2);

const page = (world: World, asked: { window?: TrendingWindow; pageSize?: number; pageToken?: string }) =>
  world.products.listTrendingProducts(anyone(), { window: HOUR, ...asked });

type Page = Awaited<ReturnType<typeof page>>;

/** Other tests have products in the same ranking. */
const own = (ids: readonly string[], { products }: Page): [string, number][] =>
  products.map(({ product, score }): [string, number] => [product!.productId, Number(score)]).filter(([id]) => ids.includes(id));

/** Those of the products that the ranking holds from the token on, in its order, over all pages. */
const ranked = async (
  ids: readonly string[],
  { world = here, ...asked }: { world?: World; window?: TrendingWindow; pageSize?: number; pageToken?: string } = {},
): Promise<[string, number][]> => {
  const seen: [string, number][] = [];
  let { pageToken = '' } = asked;
  do {
    const next = await page(world, { ...asked, pageToken });
    seen.push(...own(ids, next));
    pageToken = next.nextPageToken;
  } while (pageToken !== '');
  return seen;
};
