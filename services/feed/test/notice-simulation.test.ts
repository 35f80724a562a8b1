import process from 'node:process';

import { isAppError, newId } from '@plaza/core';
import { followCreated, followRemoved, type OutboxRow } from '@plaza/events';
import { FollowEnd } from '@plaza/proto/plaza/graph/v1/events';
import { asUser, testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { DEATH } from './chance.ts';
import { noticeWorld } from './notice-world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 60);

/** What befalls the commands of a worker, most often nothing. */
const FATES = [undefined, undefined, undefined, 'lost-reply', 'unreachable', 'conflict', 'throttle', 'death'] as const;

test('whatever is told, late, twice, and by workers that die: the latest of each group is noted, and each told once', async () => {
  const acts = fc.array(fc.record({ what: fc.constantFrom('like', 'follow', 'unfollow'), about: fc.nat(2) }), {
    minLength: 1,
    maxLength: 16,
  });
  await fc.assert(
    fc.asyncProperty(acts, fc.infiniteStream(fc.nat(1_000_000)), async (all, dice) => {
      const roll = (sides: number) => (dice.next().value as number) % sides;
      const { notices, wanted, told } = await play(all, roll);
      expect(notices).toEqual(wanted.toSorted().toReversed());
      expect(told).toEqual([...new Set(told)]);
      expect(told).toEqual(expect.arrayContaining(wanted));
    }),
    { numRuns: RUNS },
  );
}, 120_000);

const play = async (
  acts: readonly { what: 'like' | 'follow' | 'unfollow'; about: number }[],
  roll: (sides: number) => number,
) => {
  let live = false;
  const world = noticeWorld(() => {
    const fate = live ? FATES[roll(FATES.length)] : undefined;
    if (fate === 'death') throw DEATH;
    return fate;
  });
  const me = newId();
  const posts = await Promise.all([0, 1, 2].map(() => world.publish(me)));
  world.happened.splice(0);
  const people = [newId(), newId(), newId()];
  const happening = async ({ what, about }: (typeof acts)[number]) => {
    const [postId, followerId] = [posts[about]!, people[about]!];
    if (what === 'like') {
      await world.like(newId(), postId);
      return { group: postId, row: world.happened.splice(0)[0]!, over: false };
    }
    if (what === 'follow')
      return {
        group: followerId,
        row: world.event(followCreated, { followerId, followeeId: me, followTime: undefined }),
        over: false,
      };
    const ended = { followerId, followeeId: me, cause: FollowEnd.UNFOLLOWED };
    return { group: followerId, row: world.event(followRemoved, ended), over: true };
  };
  const happened: Awaited<ReturnType<typeof happening>>[] = [];
  for (const act of acts) happened.push(await happening(act));

  const deliver = async (row: OutboxRow): Promise<void> => {
    for (;;)
      try {
        await world.deliver(row);
        return;
      } catch (error) {
        if (error !== DEATH && !isAppError(error)) throw error;
      }
  };
  const { listNotifications } = world.notices;
  let token = (await listNotifications(asUser(me), { userId: me, pageSize: 0, pageToken: '' })).resumeToken;
  const told: string[] = [];
  /** One connection, until it has nothing more to tell. */
  const hear = async () => {
    const left = new AbortController();
    const ctx = { ...asUser(me), signal: left.signal };
    const stream = world.notices.streamNotifications(ctx, { userId: me, resumeToken: token });
    try {
      for await (const { notification, resumeToken } of stream) {
        token = resumeToken;
        if (notification) told.push(notification.place);
        const there = await world.deps.notices.page(testContext(), me, { above: '', below: undefined }, 100);
        if (there.notices.every(({ place }) => told.includes(place))) left.abort();
      }
    } catch (error) {
      if (!left.signal.aborted) throw error;
    }
  };

  const queue = happened.flatMap(({ row }) => (roll(3) === 0 ? [row, row] : [row]));
  while (queue.length > 0) {
    const batch = Array.from({ length: Math.min(queue.length, 1 + roll(4)) }, () => queue.splice(roll(queue.length), 1)[0]!);
    live = true;
    await Promise.all(batch.map(deliver));
    live = false;
    if (roll(2) === 0) await hear();
  }
  await hear();

  const latest = new Map<string, (typeof happened)[number]>();
  for (const one of happened) latest.set(one.group, one);
  const wanted = [...latest.values()].filter(({ over }) => !over).map(({ row }) => row.sk);
  const { notices } = await world.deps.notices.page(testContext(), me, { above: '', below: undefined }, 100);
  return { notices: notices.map(({ place }) => place), wanted, told };
};
