import { newId } from '@plaza/core';
import { modeChunk } from '@plaza/events';
import { eventually, testContext } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { createFeedModel } from './feed-model.ts';
import { noRedis } from './in-memory.ts';
import { simulate } from './simulated.ts';

afterAll(() => noRedis.close());

test.each([
  ['waits in the queue', false],
  ['is lost with the queue', true],
])('nothing is held back from a feed whose marking %s', async (_what, isLost) => {
  const { release, ...chance } = holding(modeChunk.subject);
  const plaza = simulate(chance);
  const [star, fan] = [newId(), newId()];
  const model = createFeedModel(plaza, [star, fan]);
  plaza.follow(fan, star);
  for (const viewer of [star, fan]) await model.read(viewer);
  await plaza.settle();

  plaza.begin();
  const post = () => model.play({ kind: 'post', who: star, visibility: 1 });
  const isWhole = async () => expect((await model.read(fan)).ids).toEqual((await model.wanted())(fan));
  for (let i = 0; i < 3; i++) {
    await post();
    await eventually(isWhole);
    expect(await plaza.modesOf([star])).toEqual(['MARKING']);
    if (isLost) plaza.wipe();
  }
  release();
  // What was lost is marked anew with the next post, and with the one after it all are marked.
  for (let i = 0; i < 2; i++) {
    await plaza.settle();
    await post();
  }
  await plaza.settle();
  expect(await plaza.modesOf([star])).toEqual(['PULL']);
  await isWhole();
});

test('feeds whose turn to be pushed to is lost with the queue are turned with the next post', async () => {
  const { release, hold, ...chance } = holding(modeChunk.subject);
  release();
  const two = { followers: 2, writesPerDay: 1_000 };
  const plaza = simulate(chance, { pull: two, push: two, overdueMs: 0 });
  const [star, fan, other] = [newId(), newId(), newId()];
  const model = createFeedModel(plaza, [star, fan, other]);
  for (const viewer of [fan, other]) plaza.follow(viewer, star);
  for (const viewer of [star, fan, other]) await model.read(viewer);
  plaza.begin();
  const post = () => model.play({ kind: 'post', who: star, visibility: 1 });
  const pulledBy = async () => (await plaza.feeds.states.read(testContext(), fan)).pulled;
  for (let i = 0; i < 2; i++) {
    await post();
    await plaza.settle();
  }
  expect([await plaza.modesOf([star]), await pulledBy()]).toEqual([['PULL'], [star]]);

  plaza.unfollow(other, star);
  await plaza.settle();
  hold();
  plaza.begin();
  await post();
  await eventually(async () => expect(await plaza.modesOf([star])).toEqual(['PUSH']));
  plaza.wipe();
  release();
  await plaza.settle();
  await post();
  await plaza.settle();
  expect([await plaza.modesOf([star]), await pulledBy()]).toEqual([['PUSH'], []]);
  expect((await model.read(fan)).ids).toEqual((await model.wanted())(fan));
});

/** No faults, and everything in its turn, but messages of one kind, which wait until they are released. */
const holding = (subject: string) => {
  let gate = Promise.withResolvers<void>();
  return {
    turn: (label: string) => (label === subject ? gate.promise : Promise.resolve()),
    fault: () => undefined,
    twice: () => false,
    lag: () => 0,
    release: () => gate.resolve(),
    hold: () => {
      gate = Promise.withResolvers<void>();
    },
  };
};
