import { readFileSync } from 'node:fs';

import { inLanes, newId } from '@plaza/core';
import { eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startWorld, type World } from '../src/world.ts';

const PEOPLE = 200;
const SEED = Number(process.env['FEED_SEED'] ?? 20_261_120);

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

test(
  `after churn the home feed of each of ${PEOPLE} people is what a small pure model says (FEED_SEED=${SEED})`,
  { timeout: 240_000 },
  async () => {
    // A dice a person: the lanes race, and the seed still says what each one does.
    const diceOf = Array.from({ length: PEOPLE }, (_, i) => dicer(SEED + i * 7919));
    const ids = await people();
    const following = await importGraph(ids);
    await world.awake(...ids);
    const posts: { id: string; author: number; deleted: boolean }[] = [];

    // Posts, deletions, follows and unfollows race each other; the model is told only what was acknowledged, per person in order.
    const act = async (i: number) => {
      const dice = diceOf[i]!;
      const kind = dice(10);
      if (kind < 5) return void posts.push({ id: await world.post(ids[i]!, `Post of ${i}`), author: i, deleted: false });
      if (kind < 6) {
        const mine = posts.find((post) => post.author === i && !post.deleted);
        if (!mine) return;
        await world.plaza.clients.posts.deletePost(world.plaza.asUser(ids[i]!), { postId: mine.id, requestId: newId() });
        mine.deleted = true;
        return;
      }
      const other = dice(PEOPLE);
      if (other === i) return;
      if (kind < 8) {
        await world.unfollow(ids[i]!, ids[other]!);
        following[i]!.delete(other);
      } else {
        await world.follow(ids[i]!, ids[other]!);
        following[i]!.add(other);
      }
    };
    // One lane a person, so that each one's own actions are in order.
    const lanes = Array.from({ length: PEOPLE }, (_, i) => i);
    await inLanes(lanes, 12, async (i) => {
      for (let n = 0; n < 4; n++) await act(i);
    });

    const model = (viewer: number) =>
      posts
        .filter(({ author, deleted }) => !deleted && (author === viewer || following[viewer]!.has(author)))
        .map(({ id }) => id)
        .sort()
        .reverse();
    await inLanes(lanes, 6, (viewer) =>
      eventually(async () => expect(await world.feed(ids[viewer]!), `the feed of person ${viewer}`).toEqual(model(viewer)), {
        timeoutMs: 60_000,
        everyMs: 500,
      }),
    );
    expect(posts.filter(({ deleted }) => deleted).length).toBeGreaterThan(5);
  },
);

const people = async (): Promise<string[]> => {
  const ids: string[] = [];
  while (ids.length < PEOPLE) {
    const names = Array.from({ length: 25 }, () => `m${newId().slice(-14).toLowerCase()}`);
    const users = names.map((username) => ({ username, email: `${username}@example.com`, requestId: newId() }));
    const { results } = await world.plaza.clients.users.batchCreateUsers(world.plaza.asAdmin(20_000), { users });
    ids.push(...results.flatMap(({ result }) => (result?.$case === 'user' ? [result.value.userId] : [])));
  }
  return ids;
};

/** The friendships among the first people of the real graph, as follows both ways. */
const importGraph = async (ids: readonly string[]): Promise<Set<number>[]> => {
  const following = Array.from({ length: PEOPLE }, () => new Set<number>());
  for (const line of readFileSync(new URL('../../data/socfb-Reed98.edges', import.meta.url), 'utf8')
    .trim()
    .split('\n')) {
    const [a, b] = line.split(' ').map(Number) as [number, number];
    if (a >= PEOPLE || b >= PEOPLE) continue;
    following[a]!.add(b);
    following[b]!.add(a);
  }
  const messages = following.flatMap((followees, follower) => {
    const all = [...followees].map((followee) => ids[followee]!);
    return Array.from({ length: Math.ceil(all.length / 45) }, (_, i) => ({
      followerId: ids[follower]!,
      followeeIds: all.slice(i * 45, (i + 1) * 45),
    }));
  });
  await world.plaza.clients.graph.importFollows(
    world.plaza.asAdmin(120_000),
    (async function* () {
      for (const [i, message] of messages.entries()) yield { ...message, index: BigInt(i) };
    })(),
  );
  return following;
};

const dicer = (seed: number) => (sides: number) => {
  seed = (seed * 16_807) % 2_147_483_647;
  return seed % sides;
};
