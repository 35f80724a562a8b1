import { AppError } from '@plaza/core';
import fc from 'fast-check';
import { afterAll, afterEach, expect, test, vi } from 'vitest';

import { noRedis } from './in-memory.ts';
import { trio } from './live-scene.ts';

afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => noRedis.close());

/** A clock that goes on, and can be set forward. */
const forward = (ms: number) => {
  vi.useFakeTimers({ toFake: ['Date'], shouldAdvanceTime: true, now: Date.now() + ms });
};

test('what was not heard of is told when there is a bus again', async () => {
  const { plaza, post, listen } = trio();
  const stream = await listen();
  const heard = await post();
  expect(await stream.next()).toBe(heard);
  plaza.hears.signals = [];
  const missed = await post();
  delete plaza.hears.signals;
  const second = await post();
  expect(await stream.next(), 'the newer one first, since it was heard of').toBe(second);
  plaza.rpc.liveFeeds.arrivals.joined();
  expect(await stream.next()).toBe(missed);
  await stream.leave();
});

test('what is said twice, or has been found by a look before it is heard of, is told once', async () => {
  const { plaza, post, listen } = trio();
  const stream = await listen();
  const signals = (plaza.hears.signals = [] as NonNullable<typeof plaza.hears.signals>);
  const id = await post();
  delete plaza.hears.signals;
  plaza.rpc.liveFeeds.arrivals.joined();
  expect(await stream.next()).toBe(id);
  for (let i = 0; i < 41; i++) {
    const next = await post();
    expect(await stream.next()).toBe(next);
  }
  for (const it of [...signals, ...signals]) plaza.rpc.liveFeeds.arrivals.hear(it);
  const marker = await post();
  expect(await stream.next()).toBe(marker);
  await stream.leave();
});

test('while looks fail nothing is told that would hide what was missed: the next look finds all of it, in its order', async () => {
  const { plaza, post, listen } = trio();
  const stream = await listen();
  const first = await post();
  expect(await stream.next()).toBe(first);
  plaza.hears.signals = [];
  const missed = await post();
  delete plaza.hears.signals;
  const { checkVisibility } = plaza.graph;
  /** From now on looks fail; resolves when one has. */
  const failing = () => {
    const failed = Promise.withResolvers<void>();
    plaza.graph.checkVisibility = () => {
      setImmediate(failed.resolve);
      return Promise.reject(new AppError('UNAVAILABLE', 'PEER_UNAVAILABLE', 'the test said so'));
    };
    return failed.promise;
  };
  const once = failing();
  plaza.rpc.liveFeeds.arrivals.joined();
  const told = stream.next();
  await once;
  // Later than a position looks back.
  forward(11 * 60_000);
  const twice = failing();
  const later = await post();
  await twice;
  plaza.graph.checkVisibility = checkVisibility;
  forward(5_000);
  const last = await post();
  expect([await told, await stream.next(), await stream.next()]).toEqual([missed, later, last]);
  await stream.leave();
});

test('what was missed during a long look is looked for before anything is told that arrived later', async () => {
  const { plaza, post, listen } = trio();
  const stream = await listen();
  await stream.leave();
  const [first, second] = [await post(), await post()];
  const again = await listen(stream.token());
  expect(await again.next()).toBe(first);
  plaza.hears.signals = [];
  const missed = await post();
  delete plaza.hears.signals;
  plaza.rpc.liveFeeds.arrivals.joined();
  forward(11 * 60_000);
  const later = await post();
  expect([await again.next(), await again.next(), await again.next()]).toEqual([second, missed, later]);
  await again.leave();
});

test('a look of many pages has its time for each of them', async () => {
  const { plaza, post, listen } = trio();
  const stream = await listen();
  await stream.leave();
  const ids: string[] = [];
  for (let i = 0; i < 90; i++) ids.push(await post());
  const { homeFeeds } = plaza.feeds;
  const page = homeFeeds.page.bind(homeFeeds);
  const left: number[] = [];
  homeFeeds.page = (ctx, ...rest) => {
    left.push(ctx.deadline - Date.now());
    forward(3_000);
    return page(ctx, ...rest);
  };
  const again = await listen(stream.token());
  for (const id of ids) expect(await again.next()).toBe(id);
  expect(left.length).toBeGreaterThan(2);
  expect(Math.min(...left)).toBeGreaterThan(3_500);
  await again.leave();
});

const step = fc.constantFrom('post', 'post', 'other', 'private', 'read', 'read', 'deafen', 'hear', 'leave', 'look');

test('whatever is lost, and whenever the stream breaks, each item is told once', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { plaza, author, other, post, listen } = trio();
      let stream = await listen();
      const wanted: string[] = [];
      const got: (string | undefined)[] = [];
      let known = 0;
      const readAll = async () => {
        plaza.rpc.liveFeeds.arrivals.joined();
        while (got.length < wanted.length) got.push(await stream.next());
        known = got.length;
      };
      for (const what of steps) {
        if (what === 'post') wanted.push(await post(author));
        if (what === 'other') wanted.push(await post(other));
        if (what === 'private') await post(author, 3);
        if (what === 'deafen') plaza.hears.signals = [];
        if (what === 'hear') delete plaza.hears.signals;
        if (what === 'look') await readAll();
        // Something must be there to be read: what was posted since all was read, and heard of.
        if (what === 'read' && plaza.hears.signals === undefined && known === got.length && wanted.length === known + 1) {
          got.push(await stream.next());
          known = got.length;
        }
        if (what === 'leave') {
          await stream.leave();
          stream = await listen(stream.token());
        }
      }
      await readAll();
      const marker = await post(author);
      delete plaza.hears.signals;
      plaza.rpc.liveFeeds.arrivals.joined();
      expect(await stream.next(), 'nothing before the last').toBe(marker);
      expect((got as string[]).toSorted()).toEqual(wanted.toSorted());
      await stream.leave();
    }),
    { numRuns: 25 },
  );
});
