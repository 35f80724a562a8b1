import process from 'node:process';

import { isAppError } from '@plaza/core';
import { Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { asService, startRedis, testContext, uniqueNamespace } from '@plaza/testing';
import { expect, test } from 'vitest';

import { verbs, type Verbs } from './verbs.ts';
import { people, startWorld, type World } from './world.ts';

/** Of 200 authors each. */
const CHECKS = Number(process.env['LEAK_CHECKS'] ?? 200);
const AUTHORS = 200;
const CHURNERS = 2;
const CHECKERS = 3;

test(
  'while people block, mute, unfollow, hide and go, and Redis dies, nobody is shown what was hidden before',
  { timeout: 120_000 + CHECKS * 200 },
  async () => {
    await using opened = new AsyncDisposableStack();
    const redis = await startRedis();
    opened.defer(() => redis.stop());
    const shared = { redisUrl: redis.url, namespace: uniqueNamespace(), awsAccessKeyId: uniqueNamespace() };
    const here = opened.adopt(await startWorld(shared), (it) => it.close());
    const there = opened.adopt(await startWorld(shared), (it) => it.close());
    const replicas = [here, there];
    const viewers = people(3);
    const authors = people(AUTHORS);
    let version = 0n;
    const ways = replicas.map((world) => createWays(world, verbs(world.graph), () => ++version));
    const wayOf = (i: number, replica: number): Way => ways[replica]![i % ways[replica]!.length]!;
    const facts = createFacts();
    const told = { hidden: 0, shown: 0, leaks: [] as string[], lost: [] as string[], refused: 0, changes: 0 };
    let checks = 0;
    const troubles: (() => Promise<void>)[] = [
      () => redis.wipe(),
      () => redis.kill(),
      () => redis.start(),
      async () => redis.pause(),
      async () => redis.resume(),
      () => redis.wipe(),
    ];
    const between = CHECKS / (troubles.length + 1);
    let next = between;

    const churn = async (n: number) => {
      const mine = authors.map((id, i) => ({ id, i })).filter(({ i }) => i % CHURNERS === n);
      for (let step = 0; checks < CHECKS; step++) {
        const { id, i } = mine[(step * 7) % mine.length]!;
        const way = wayOf(i, step % 2);
        const viewer = viewers[step % viewers.length]!;
        const concerned = way.ofAll ? viewers : [viewer];
        const wasHidden = facts.of(viewer, id).state === 'hidden';
        facts.set('moving', concerned, id);
        await (wasHidden ? way.show : way.hide)(viewer, id);
        facts.set(wasHidden ? 'shown' : 'hidden', concerned, id);
        told.changes++;
      }
    };

    const check = async (n: number) => {
      for (let step = 0; checks < CHECKS; step++) {
        const viewerId = viewers[(step + n) % viewers.length]!;
        const before = authors.map((id) => facts.of(viewerId, id));
        const answer = await replicas[(step + n) % 2]!.graph.checkVisibility(asService('feed'), {
          viewerId,
          authorIds: authors,
        }).catch((error: unknown) => {
          if (!isAppError(error)) throw error;
          told.refused++;
        });
        if (!answer) continue;
        checks++;
        for (const [i, { visibility }] of answer.authors.entries()) {
          const [was, is] = [before[i]!, facts.of(viewerId, authors[i]!)];
          // Changed, or changing, since: either verdict is right.
          if (was.state === 'moving' || was.stamp !== is.stamp) continue;
          const isShown = visibility === Visibility.VISIBLE;
          if (was.state === 'hidden' && isShown) told.leaks.push(`author ${i} at check ${checks}`);
          if (was.state === 'shown' && !isShown) told.lost.push(`author ${i} at check ${checks}`);
          told[was.state === 'hidden' ? 'hidden' : 'shown']++;
        }
        if (checks < next) continue;
        next += between;
        await troubles.shift()?.();
      }
    };

    for (const [i, id] of authors.entries()) {
      const { prepare } = wayOf(i, 0);
      await prepare?.(id);
      if (prepare) facts.set('hidden', viewers, id);
    }
    await Promise.all([
      ...Array.from({ length: CHURNERS }, (_, n) => churn(n)),
      ...Array.from({ length: CHECKERS }, (_, n) => check(n)),
    ]);
    expect(told.leaks, 'shown though hidden').toEqual([]);
    expect(told.lost, 'hidden though shown').toEqual([]);
    expect(told.refused, 'checks that could not be verified').toBeLessThan(CHECKS / 20);
    expect(Math.min(told.hidden, told.shown), 'verdicts that raced with nothing').toBeGreaterThan(CHECKS * 10);
    expect(told.changes).toBeGreaterThan(CHECKS / 10);
  },
);

interface Fact {
  readonly state: 'shown' | 'hidden' | 'moving';
  /** Another one after each change. */
  readonly stamp: number;
}

/** What was acknowledged of each viewer and author. */
const createFacts = () => {
  const facts = new Map<string, Fact>();
  const of = (viewerId: string, authorId: string): Fact => facts.get(viewerId + authorId) ?? { state: 'shown', stamp: 0 };
  const set = (state: Fact['state'], viewerIds: readonly string[], authorId: string): void => {
    for (const id of viewerIds) facts.set(id + authorId, { state, stamp: of(id, authorId).stamp + 1 });
  };
  return { of, set };
};

/** How one author is hidden from a viewer, or from all, and shown again. */
interface Way {
  readonly ofAll?: boolean;
  readonly prepare?: (authorId: string) => Promise<unknown>;
  readonly hide: (viewerId: string, authorId: string) => Promise<unknown>;
  readonly show: (viewerId: string, authorId: string) => Promise<unknown>;
}

const createWays = (world: World, by: Verbs, nextVersion: () => bigint): readonly Way[] => {
  const stand = (userId: string, isPrivate: boolean, gone: boolean) =>
    world.graph.setStanding(testContext({ caller: { kind: 'service', service: 'user' }, timeoutMs: 30_000 }), {
      userId,
      version: nextVersion(),
      isPrivate,
      gone,
    });
  return [
    { hide: by.block, show: by.unblock },
    { hide: (viewer, author) => by.block(author, viewer), show: (viewer, author) => by.unblock(author, viewer) },
    { hide: by.mute, show: by.unmute },
    {
      prepare: (author) => stand(author, true, false),
      hide: by.unfollow,
      show: async (viewer, author) => {
        await by.follow(viewer, author);
        await by.approve(author, viewer);
      },
    },
    {
      ofAll: true,
      hide: (_viewer, author) => stand(author, true, false),
      show: (_viewer, author) => stand(author, false, false),
    },
    {
      ofAll: true,
      hide: (_viewer, author) => stand(author, false, true),
      show: (_viewer, author) => stand(author, false, false),
    },
  ];
};
