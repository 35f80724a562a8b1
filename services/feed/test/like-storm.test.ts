import process from 'node:process';

import { newId } from '@plaza/core';
import { asUser, eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { rowsOf } from './engagement-audit.ts';
import { startWorld, type World } from './world.ts';

/** 10,000 is the case that the service is made for; it takes a minute. */
const LIKES = Number(process.env['LIKES'] ?? 120);
/** Of each ten who like it, one thinks better of it. */
const WARM_UP = 40;
const TAKEN_BACK = LIKES / 10;
/** In flight. Of many more, on a machine that is busy with other tests, the last would wait longer than a call may take. */
const AT_ONCE = Number(process.env['AT_ONCE'] ?? 10);
/** Wider than the deadline of a call, which the client draws itself, see the policy. */
const PATIENCE_MS = 60_000;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

test(
  'one post, liked by very many at once: everybody is answered within the deadline, none is told of a conflict, and the count comes right',
  { timeout: 600_000 },
  async () => {
    const { postId } = await world.publish(world.person());
    await warmUp();
    const fans = Array.from({ length: LIKES }, () => newId());
    const begin = Date.now();
    const took = await eachAtOnce(fans, (userId) => world.posts.like(asUser(userId, PATIENCE_MS), { userId, postId }));
    const liked = Date.now();
    const back = fans.slice(0, TAKEN_BACK);
    await eachAtOnce(back, (userId) => world.posts.unlike(asUser(userId, PATIENCE_MS), { userId, postId }));
    const [answered, right] = [Date.now(), LIKES - TAKEN_BACK];
    await eventually(
      async () => {
        const { post } = await world.posts.getPost(asUser(fans[0]!), { postId });
        expect(post!.counts!.likes).toBe(BigInt(right));
      },
      { timeoutMs: 60_000 },
    );
    const counted = Date.now();
    expect(await rowsOf(world.db, 'LIKES', postId)).toHaveLength(right);
    const events = WARM_UP + LIKES + TAKEN_BACK;
    const transactions = (await rowsCounted()) - events;
    expect(transactions).toBeGreaterThan(0);
    // Each by itself would be as many.
    expect(transactions).toBeLessThan(events);
    if (process.env['LIKES'] !== undefined)
      process.stdout.write(
        `${JSON.stringify({
          likes: LIKES,
          seconds: (liked - begin) / 1000,
          ...quantiles(took),
          events,
          transactions,
          countedAfterMs: counted - answered,
          retries: await retries(),
        })}\n`,
      );
  },
);

/** A service that has just begun is slow, which is not what is looked at here. */
const warmUp = async () => {
  const { postId } = await world.publish(world.person());
  const fans = Array.from({ length: WARM_UP }, () => newId());
  await eachAtOnce(fans, (userId) => world.posts.like(asUser(userId), { userId, postId }), 4);
};

/** How long each took, in milliseconds. */
const eachAtOnce = async (
  people: readonly string[],
  call: (userId: string) => Promise<unknown>,
  atOnce = AT_ONCE,
): Promise<number[]> => {
  const queue = people.values();
  const took: number[] = [];
  const work = async () => {
    for (const userId of queue) {
      const begin = performance.now();
      await call(userId);
      took.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return took;
};

/** Each counting transaction writes a mark for each of its events, and one row beside. */
const rowsCounted = async (): Promise<number> => {
  const rows = await world.metric('dynamo_transaction_rows_total', world.workers[0]!);
  return sum(Object.entries(rows).filter(([labels]) => labels.includes('feed-count-')));
};

const retries = async () => ({
  service: sum(Object.entries(await world.metric('dynamo_retries_total'))),
  worker: sum(Object.entries(await world.metric('dynamo_retries_total', world.workers[0]!))),
});

const sum = (samples: [string, number][]): number => samples.reduce((total, [, value]) => total + value, 0);

const quantiles = (took: readonly number[]) => {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
};
