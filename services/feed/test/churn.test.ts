import { asUser, eventually, startNats, startRedis, type Engine } from '@plaza/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { idsOf, startWorld, type World } from './world.ts';

let nats: Engine;
let redis: Engine;
let world: World;
beforeAll(async () => {
  [nats, redis] = await Promise.all([startNats(), startRedis()]);
  world = await startWorld({ config: { natsUrl: nats.url, redisUrl: redis.url }, workers: 2 });
});
afterAll(async () => {
  await world.close();
  await Promise.all([nats.stop(), redis.stop()]);
});

interface Made {
  readonly postId: string;
  readonly authorId: string;
  readonly isPrivate: boolean;
}

/** What everybody's feed is to be, from what was acknowledged. */
const startModel = (people: readonly string[]) => {
  const posts = new Map<string, Made>();
  return {
    posts,
    feedOf: (viewer: string): string[] =>
      [...posts.values()]
        .filter(({ authorId, isPrivate }) => authorId === viewer || (!isPrivate && world.edge(viewer).has(authorId)))
        .map(({ postId }) => postId)
        .sort()
        .reverse(),
    /** All feeds at once, as they are read. */
    async feeds(): Promise<Record<string, string[]>> {
      const read = people.map(async (viewer) => [viewer, idsOf(await world.readFeed(viewer, 7))] as const);
      return Object.fromEntries(await Promise.all(read));
    },
    wanted(): Record<string, string[]> {
      return Object.fromEntries(people.map((viewer) => [viewer, this.feedOf(viewer)]));
    },
  };
};

type Step = { kind: 'post' | 'delete' | 'follow' | 'unfollow' | 'read'; who: number; whom: number };

test('people post, delete, follow and unfollow at once: nothing taken away is shown again, and every feed ends as its model', async () => {
  const people = world.people(6);
  const model = startModel(people);
  await world.awake(...people);
  const kind = fc.constantFrom<Step['kind']>('post', 'post', 'delete', 'follow', 'follow', 'unfollow', 'read', 'read');
  const steps = fc.sample(fc.record({ kind, who: fc.nat(5), whom: fc.nat(5) }), { numRuns: 120, seed: 26 });

  /** Shown after it was taken away, twice, or out of order. */
  const wrong: unknown[] = [];
  const play = async ({ kind: what, who, whom }: Step): Promise<void> => {
    const [me, other] = [people[who]!, people[whom]!];
    switch (what) {
      case 'post': {
        const isPrivate = whom === 0;
        const { postId } = await world.publish(me, 'x', { visibility: isPrivate ? 3 : whom === 1 ? 2 : 1 });
        model.posts.set(postId, { postId, authorId: me, isPrivate });
        return;
      }
      case 'delete': {
        const mine = [...model.posts.values()].find(({ authorId }) => authorId === me);
        if (mine === undefined) return;
        model.posts.delete(mine.postId);
        await world.posts.deletePost(asUser(me), { postId: mine.postId });
        for (const viewer of [me, other]) if (idsOf(await world.readFeed(viewer)).includes(mine.postId)) wrong.push(mine);
        return;
      }
      case 'follow':
        if (me !== other && !world.edge(me).has(other)) await world.follow(me, other);
        return;
      case 'unfollow':
        if (world.edge(me).has(other)) await world.unfollow(me, other);
        return;
      case 'read': {
        const ids = idsOf(await world.readFeed(me, 3));
        if (ids.join() !== [...new Set(ids)].sort().reverse().join()) wrong.push(ids);
      }
    }
  };

  const lanes = [0, 1, 2].map(async (lane) => {
    for (const [i, step] of steps.entries()) if (i % 3 === lane) await play(step);
  });
  await Promise.all(lanes);
  expect(wrong).toEqual([]);
  await eventually(async () => expect(await model.feeds()).toEqual(model.wanted()), { timeoutMs: 30_000 });
  await redis.wipe();
  await eventually(async () => expect(await model.feeds()).toEqual(model.wanted()), { timeoutMs: 30_000 });
}, 180_000);

test('NATS loses everything with events and chunks in it: all feeds become whole again', async () => {
  const [author, ...fans] = world.people(5);
  const model = startModel([author!, ...fans]);
  for (const fan of fans.slice(1)) world.edge(fan).add(author!);
  await world.awake(author!, ...fans);
  const publish = async () => {
    const { postId } = await world.publish(author!);
    model.posts.set(postId, { postId, authorId: author!, isPrivate: false });
  };
  await publish();
  await eventually(async () => expect(await model.feeds()).toEqual(model.wanted()), { timeoutMs: 30_000 });
  // The queue is lost while nobody takes from it, and the relay has long archived what was in it.
  await Promise.all(world.workers.map((worker) => worker.close()));
  for (let i = 0; i < 3; i++) await publish();
  await world.follow(fans[0]!, author!);
  await world.posts.deletePost(asUser(author!), { postId: [...model.posts.keys()][1]! });
  model.posts.delete([...model.posts.keys()][1]!);
  await nats.wipe();
  world.workers.push(await world.newWorker());
  await eventually(async () => expect(await model.feeds()).toEqual(model.wanted()), { timeoutMs: 60_000 });
  // And while it is being worked on.
  const burst = Array.from({ length: 8 }, publish);
  await nats.wipe();
  await Promise.all(burst);
  await eventually(async () => expect(await model.feeds()).toEqual(model.wanted()), { timeoutMs: 60_000 });
}, 180_000);
