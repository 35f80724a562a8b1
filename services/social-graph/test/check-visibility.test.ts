import { MuteScope } from '@plaza/proto/plaza/graph/v1/events';
import { Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { asAdmin, asService, asUser, createProxy, eventually, startEngines } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { refusal, verbs, type Verbs } from './verbs.ts';
import { people, startWorld, type World } from './world.ts';

let world: World;
let by: Verbs;
beforeAll(async () => {
  world = await startWorld();
  by = verbs(world.graph);
});
afterAll(() => world?.close());

const { VISIBLE, HIDDEN, MUTED } = Visibility;
const check = (viewerId: string, authorIds: string[]) => world.graph.checkVisibility(asService('feed'), { viewerId, authorIds });
const sight = async (viewerId: string, authorId: string) => (await check(viewerId, [authorId])).authors[0]!.visibility;
const crowd = people as (n: number) => [string, string, string, ...string[]];

test('what is acknowledged is in the next verdict: block, unblock, mute, unmute', async () => {
  const [viewer, author] = crowd(3);
  expect(await sight(viewer, author)).toBe(VISIBLE);
  await by.block(author, viewer);
  expect([await sight(viewer, author), await sight(author, viewer)]).toEqual([HIDDEN, HIDDEN]);
  await by.unblock(author, viewer);
  expect([await sight(viewer, author), await sight(author, viewer)]).toEqual([VISIBLE, VISIBLE]);
  await by.mute(viewer, author);
  expect([await sight(viewer, author), await sight(author, viewer)]).toEqual([MUTED, VISIBLE]);
  await by.mute(viewer, author, { scope: MuteScope.REPOSTS });
  expect((await check(viewer, [author])).authors[0]).toMatchObject({ visibility: VISIBLE, repostsMuted: true });
  await by.unmute(viewer, author);
  expect((await check(viewer, [author])).authors[0]).toMatchObject({ visibility: VISIBLE, repostsMuted: false });
});

test('of a private account followers see, until they are none; anonymous viewers never', async () => {
  const [viewer, author] = crowd(3);
  await by.follow(viewer, author);
  await world.stand(author, { isPrivate: true });
  expect((await check(viewer, [author])).authors[0]).toMatchObject({ visibility: VISIBLE, following: true });
  expect([await sight('', author), await sight(author, author)]).toEqual([HIDDEN, VISIBLE]);
  await by.unfollow(viewer, author);
  expect((await check(viewer, [author])).authors[0]).toMatchObject({ visibility: HIDDEN, following: false });
  await by.follow(viewer, author);
  expect(await sight(viewer, author), 'who asks does not see yet').toBe(HIDDEN);
  await by.approve(author, viewer);
  expect(await sight(viewer, author)).toBe(VISIBLE);
  await by.remove(author, viewer);
  expect(await sight(viewer, author)).toBe(HIDDEN);
});

test('the user service tells how people stand, and what is older than what it told changes nothing', async () => {
  const [viewer, author] = crowd(3);
  const told = (version: number, isPrivate: boolean, gone: boolean) =>
    world.graph.setStanding(asService('user'), { userId: author, version: BigInt(version), isPrivate, gone });
  await told(3, true, false);
  expect(await sight(viewer, author)).toBe(HIDDEN);
  await told(2, false, false);
  expect(await sight(viewer, author)).toBe(HIDDEN);
  await told(4, false, false);
  expect(await sight(viewer, author)).toBe(VISIBLE);
  await told(5, false, true);
  await told(5, false, false);
  expect(await sight(author, author), 'not even themselves').toBe(HIDDEN);
  for (const caller of [asUser(author), asAdmin(), asService('feed')])
    expect(
      await refusal(world.graph.setStanding(caller, { userId: author, version: 9n, isPrivate: false, gone: false })),
    ).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
});

test('200 authors at once, each in its place, doubles too', async () => {
  const [viewer, ...others] = crowd(200);
  const blocked = others.filter((_, i) => i % 50 === 0);
  const followed = others.filter((_, i) => i % 50 === 1);
  for (const id of blocked) await by.block(viewer, id);
  for (const id of followed) await by.follow(viewer, id);
  const authorIds = [...others, others[0]!];
  const { authors } = await check(viewer, authorIds);
  expect(authors.map(({ authorId }) => authorId)).toEqual(authorIds);
  expect(authors.filter(({ visibility }) => visibility === HIDDEN).map(({ authorId }) => authorId)).toEqual([
    ...blocked,
    others[0]!,
  ]);
  expect(authors.filter(({ following }) => following).map(({ authorId }) => authorId)).toEqual(followed);
  expect(await refusal(check(viewer, crowd(201)))).toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('500 viewers of one author at once, each in its place, as what was acknowledged has it', async () => {
  const [author, ...viewers] = crowd(501);
  const [follower, blocker, blocked, muter] = viewers as [string, string, string, string];
  await by.follow(follower, author);
  await by.block(blocker, author);
  await by.block(author, blocked);
  await by.mute(muter, author);
  await world.stand(author, { isPrivate: true });
  const told = await world.graph.checkAudience(asService('feed'), { authorId: author, viewerIds: viewers });
  expect(told.viewers.map(({ viewerId }) => viewerId)).toEqual(viewers);
  expect(told.viewers.filter(({ visibility }) => visibility !== HIDDEN)).toEqual([
    { viewerId: follower, visibility: VISIBLE, following: true, repostsMuted: false },
  ]);
  await world.stand(author, {});
  const open = await world.graph.checkAudience(asService('feed'), { authorId: author, viewerIds: viewers });
  expect(open.viewers.slice(0, 5).map(({ visibility }) => visibility)).toEqual([VISIBLE, HIDDEN, HIDDEN, MUTED, VISIBLE]);
});

test('the epoch stays while nothing changes, and moves with ties of the viewer and standings of anybody', async () => {
  const [viewer, author, other] = crowd(3);
  const epoch = async () => (await check(viewer, [author])).epoch;
  const first = await epoch();
  expect(first).not.toBe('');
  expect(await epoch()).toBe(first);
  await by.follow(author, other);
  expect(await epoch(), 'other people’s ties').toBe(first);
  await by.block(author, viewer);
  const second = await epoch();
  expect(second).not.toBe(first);
  await world.stand(author, { isPrivate: true });
  expect(await epoch()).not.toBe(second);
});

test('more standings may change between two checks than the head tells of', async () => {
  const [viewer, first, last, ...rest] = crowd(80);
  const all = async () => (await check(viewer, [first, last])).authors.map(({ visibility }) => visibility);
  expect(await all()).toEqual([VISIBLE, VISIBLE]);
  for (const id of [first, ...rest, last]) await world.stand(id, { gone: true });
  expect(await all()).toEqual([HIDDEN, HIDDEN]);
});

test('what cannot be verified is not answered from memory, and is again as soon as it can be', { timeout: 60_000 }, async () => {
  await using opened = new AsyncDisposableStack();
  const engines = opened.adopt(await startEngines(), (it) => it.close());
  const proxy = opened.adopt(await createProxy({ target: new URL(engines.dynamodbEndpoint).host }), (it) => it.close());
  const cut = opened.adopt(await startWorld({ dynamodbEndpoint: `http://${proxy.address}` }), (it) => it.close());
  const [viewer, author] = crowd(3);
  const warm = () => cut.graph.checkVisibility(asService('feed'), { viewerId: viewer, authorIds: [author] });
  await verbs(cut.graph).follow(viewer, author);
  await warm();
  proxy.blackhole();
  // By the server's word, or by the deadline if that comes first.
  expect(await refusal(warm())).toMatchObject({ code: expect.stringMatching(/^(UNAVAILABLE|DEADLINE_EXCEEDED)$/) });
  proxy.heal();
  expect((await eventually(warm)).authors[0]).toMatchObject({ visibility: VISIBLE, following: true });
});

test('the operator sees what is remembered, and how many looks share a read', async () => {
  const [viewer, author] = crowd(3);
  await by.follow(viewer, author);
  for (let i = 0; i < 3; i++) await Promise.all(Array.from({ length: 10 }, () => check(viewer, [author])));
  const text = await (await fetch(`http://127.0.0.1:${world.app.adminPort}/metrics`)).text();
  const figure = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1] ?? 0,
    );
  expect(figure('graph_circles_total{found="memory"}')).toBeGreaterThan(0);
  expect(figure('graph_circles_total{found="table"}')).toBeGreaterThan(0);
  expect(figure('graph_standings_total{found="memory"}')).toBeGreaterThan(0);
  expect(figure('graph_sight_looks_total')).toBeGreaterThan(figure('graph_sight_rounds_total'));
});
