import { newId } from '@plaza/core';
import { modeChunk } from '@plaza/events';
import { eventually } from '@plaza/testing';
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

/** No faults, and everything in its turn, but messages of one kind, which wait until they are released. */
const holding = (subject: string) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    turn: (label: string) => (label === subject ? promise : Promise.resolve()),
    fault: () => undefined,
    twice: () => false,
    lag: () => 0,
    release: resolve,
  };
};
