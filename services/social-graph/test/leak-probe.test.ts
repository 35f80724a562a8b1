import process from 'node:process';

import { isAppError } from '@plaza/core';
import { asAdmin, startRedis, uniqueNamespace } from '@plaza/testing';
import { expect, test } from 'vitest';

import { createLooks, type Look } from './leak-looks.ts';
import { createFacts, createWays, type Way } from './leak-ways.ts';
import { verbs } from './verbs.ts';
import { people, startWorld, type World } from './world.ts';

/** Of 200 authors each; LEAK_CHECKS=5000 for a long run. */
const CHECKS = Number(process.env['LEAK_CHECKS'] ?? 200);
const AUTHORS = 200;
const CHURNERS = 2;
const CHECKERS = 3;
/** One look of so many is at lists, counts or relationships, the others at who is visible. */
const OTHER_EVERY = 5;

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
    const [hub, ...authors] = people(1 + AUTHORS) as [string, ...string[]];
    let version = 0n;
    const ways = replicas.map((world) => createWays(world, verbs(world.graph), () => ++version));
    const wayOf = (i: number, replica: number): Way => ways[replica]![i % ways[replica]!.length]!;
    const facts = createFacts();
    const { visibility, ...others } = createLooks({ hub, authors, wayOf: (i) => wayOf(i, 0) });
    const told = { leaks: [] as string[], lost: [] as string[], refused: 0, changes: 0 };
    /** Verdicts that raced with nothing. */
    const verdicts: Record<string, number> = {};
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

    const lookOf = (step: number): [string, Look] => {
      const rest = Object.entries(others);
      return step % OTHER_EVERY === 1 ? rest[Math.floor(step / OTHER_EVERY) % rest.length]! : ['visibility', visibility];
    };

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
        const [name, look] = lookOf(step);
        const before = authors.map((id) => facts.of(viewerId, id));
        const isShown = await look(replicas[(step + n) % 2]!.graph, viewerId).catch((error: unknown) => {
          if (!isAppError(error)) throw error;
          told.refused++;
        });
        if (!isShown) continue;
        checks++;
        for (const [i, was] of before.entries()) {
          const shown = isShown(i);
          // Changed, or changing, since: either verdict is right.
          if (shown === undefined || was.state === 'moving' || was.stamp !== facts.of(viewerId, authors[i]!).stamp) continue;
          if (was.state === 'hidden' && shown) told.leaks.push(`${name} of author ${i} at check ${checks}`);
          if (was.state === 'shown' && !shown) told.lost.push(`${name} of author ${i} at check ${checks}`);
          verdicts[`${name} ${was.state}`] = 1 + (verdicts[`${name} ${was.state}`] ?? 0);
        }
        if (checks < next) continue;
        next += between;
        await troubles.shift()?.();
      }
    };

    await tie(here, hub, viewers, authors, (i) => wayOf(i, 0));
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
    // While Redis does not answer, a busy machine may not verify in time.
    expect(told.refused, 'looks that could not be verified').toBeLessThan(checks);
    for (const name of Object.keys(others))
      for (const state of ['hidden', 'shown'])
        expect(verdicts[`${name} ${state}`], `${name} ${state}`).toBeGreaterThan(CHECKS / 20);
    for (const state of ['hidden', 'shown']) expect(verdicts[`visibility ${state}`]).toBeGreaterThan(CHECKS * 8);
    expect(told.changes).toBeGreaterThan(CHECKS / 10);
  },
);

/** All authors follow the hub, who follows them; whose relationship tells it follow the viewers too. */
const tie = async (
  { graph }: World,
  hub: string,
  viewers: readonly string[],
  authors: readonly string[],
  wayOf: (author: number) => Way,
): Promise<void> => {
  const messages = async function* () {
    let index = 0n;
    for (const [i, followerId] of authors.entries()) {
      const followeeIds = [hub, ...(wayOf(i).relation === 'followedBy' ? viewers : [])];
      yield { importId: '', index: index++, followerId, followeeIds };
    }
    for (let first = 0; first < authors.length; first += 50)
      yield { importId: '', index: index++, followerId: hub, followeeIds: authors.slice(first, first + 50) };
  };
  await graph.importFollows(asAdmin(60_000), messages());
};
