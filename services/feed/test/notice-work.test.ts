import { firstIdAt, newId } from '@plaza/core';
import { followCreated, postLiked, priceChanged, stockDepleted, stockRestocked } from '@plaza/events';
import { asUser, testContext } from '@plaza/testing';
import { beforeEach, expect, test } from 'vitest';

import { keys, postsTable } from '../src/store/table.ts';
import { briefly, noticeWorld } from './notice-world.ts';
import { refusalOf } from './world.ts';

let world: ReturnType<typeof noticeWorld>;
let me: string;
beforeEach(() => {
  world = noticeWorld();
  me = newId();
});

const followed = (followerId: string) => world.tell(followCreated, { followerId, followeeId: me, followTime: undefined });

test('told twice, late, or all in another order, it is noted the same, and no signal is given for what is old', async () => {
  const postId = await world.publish(me);
  const rows = Array.from({ length: 6 }, () =>
    world.event(postLiked, { postId, authorId: me, userId: newId(), likeTime: undefined }),
  );
  const noted = async () => (await world.db.query(testContext(), postsTable, { pk: keys.noticesRead(me).pk })).items;
  for (const row of rows) await world.deliver(row);
  const once = await noted();
  expect(once).toMatchObject([{ place: rows.at(-1)!.sk, notifyUser: me }]);
  const rung = world.rung.length;
  for (const row of rows.slice(0, -1).toReversed()) await world.deliver(row);
  expect(world.rung).toHaveLength(rung);
  // Its worker may have died behind the write, before it gave the signal.
  await world.deliver(rows.at(-1)!);
  expect(world.rung).toHaveLength(rung + 1);
  expect(await noted()).toEqual(once);
});

test('a post that very many like at once is few writes, and the last of them is noted', async () => {
  const postId = await world.publish(me);
  await world.settle();
  const rows = Array.from({ length: 10_000 }, () =>
    world.event(postLiked, { postId, authorId: me, userId: newId(), likeTime: undefined }),
  );
  // As one process has them in hand: 64 at a time.
  const queue = rows.values();
  const hand = async () => {
    for (const row of queue) await world.deliver(row);
  };
  const { write = 0 } = await world.callsOf(() => Promise.all(Array.from({ length: 64 }, hand)));
  expect(write).toBeLessThan(500);
  const { notices } = await world.deps.notices.page(testContext(), me, { above: '', below: undefined }, 5);
  expect(notices.map(({ place }) => place)).toEqual([rows.at(-1)!.sk]);
});

test('a page costs one question to each peer and one multi-get, and nothing is shown that cannot be checked', async () => {
  const ann = newId();
  for (let i = 0; i < 8; i++) {
    const postId = await world.publish(me);
    await world.like(newId(), postId);
    await world.publish(ann, 'well', { replyToPostId: postId });
    await followed(newId());
  }
  const tea = newId();
  await world.save(me, tea);
  await world.tell(stockDepleted, { turns: [{ productId: tea, stockVersion: 1n }] });
  await world.settle();
  const calls = await world.callsOf(() =>
    world.notices.listNotifications(asUser(me), { userId: me, pageSize: 20, pageToken: '' }),
  );
  expect(calls).toMatchObject({ graph: 1, users: 1, products: 1, batchGet: 2, get: 1 });
  const counted = await world.callsOf(() => world.notices.getUnreadCount(asUser(me), { userId: me }));
  expect(counted).toMatchObject({ graph: 1, products: 1 });
  expect(counted).not.toHaveProperty('users');
  world.away.graph = true;
  const unknown = { code: 'UNAVAILABLE', reason: 'VISIBILITY_UNKNOWN' };
  expect(await refusalOf(world.list(me))).toMatchObject(unknown);
  expect(await refusalOf(world.unread(me))).toMatchObject(unknown);
});

test('of somebody erased nothing is kept, and what comes later is taken back', async () => {
  await followed(newId());
  await world.notices.updateNotificationPreferences(asUser(me), { userId: me, unwanted: [], requestId: '' });
  const ctx = testContext();
  await world.erasures.begin(ctx, me);
  await world.erasures.eraseNotices(ctx, me);
  await followed(newId());
  expect((await world.erasures.finish(ctx, me)).notifications).toBe(1);
  expect((await world.db.query(ctx, postsTable, { pk: keys.noticesRead(me).pk })).items).toEqual([]);
});

test('pages of any size show the same, and counted is what is listed', async () => {
  for (let i = 0; i < 30; i++) {
    if (i % 7 === 3) await world.publish(me).then((postId) => world.like(newId(), postId));
    const fan = newId();
    if (i % 5 === 4) world.hidden.add(`${me} ${fan}`);
    await followed(fan);
    await world.settle();
  }
  const whole = await world.list(me, 100);
  expect(briefly(whole).slice(0, 3)).toEqual(['FOLLOW 4', 'LIKE 1', 'FOLLOW 6']);
  for (const size of [1, 2, 5, 20]) expect(await world.list(me, size)).toEqual(whole);
  expect(await world.unread(me)).toBe(whole.length);
});

test.each(['SOLD_OUT', 'RESTOCKED', 'PRICE'] as const)('what goes to and fro rings once an hour: %s', async (kind) => {
  const tea = newId();
  await world.save(me, tea);
  const noon = Date.now() - 6 * 3_600_000;
  const turns = [{ productId: tea, stockVersion: 1n }];
  const money = { currencyCode: 'EUR', units: 3n, nanos: 0 };
  const prices = { productId: tea, sellerId: newId(), oldPrice: money, newPrice: money, changeTime: undefined };
  const rings: number[] = [];
  for (const minute of [0, 1, 59, 60, 61]) {
    const row =
      kind === 'PRICE'
        ? world.event(priceChanged, prices)
        : world.event(kind === 'SOLD_OUT' ? stockDepleted : stockRestocked, { turns });
    const before = world.rung.length;
    await world.deliver({ ...row, sk: firstIdAt(noon + minute * 60_000) });
    rings.push(world.rung.length - before);
  }
  expect(rings).toEqual([1, 0, 0, 1, 0]);
});
