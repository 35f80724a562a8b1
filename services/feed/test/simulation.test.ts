import process from 'node:process';

import { isAppError, newId } from '@plaza/core';
import type { Fault } from '@plaza/dynamo';
import { asUser } from '@plaza/testing';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import type { Chance } from './chance.ts';
import { noRedis } from './in-memory.ts';
import { simulate } from './simulated.ts';
import { idsOf } from './world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 300);
const PEOPLE = [newId(), newId(), newId()];
const CALLERS = 3;

afterAll(() => noRedis.close());

const steps = (person: fc.Arbitrary<string>, weights: { posts: number; edges: number; edits: number }, newest = 5) =>
  fc.oneof(
    {
      weight: weights.posts,
      arbitrary: fc.record({
        kind: fc.constant('post' as const),
        who: person,
        visibility: fc.constantFrom(1 as const, 2 as const, 3 as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), which: fc.nat(newest) }) },
    {
      weight: weights.edits,
      arbitrary: fc.record({
        kind: fc.constant('edit' as const),
        which: fc.nat(newest),
        visibility: fc.constantFrom(1 as const, 3 as const),
      }),
    },
    {
      weight: weights.edges,
      arbitrary: fc.record({ kind: fc.constantFrom('follow' as const, 'unfollow' as const), who: person, whom: person }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), who: person }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wipe' as const) }) },
  );
/** Everybody with everybody; and two who cannot decide, which is where sweep and backfill meet, or fan-out and taking out. */
const everybody = steps(fc.constantFrom(...PEOPLE), { posts: 4, edges: 7, edits: 3 });
const undecided = steps(fc.constantFrom(...PEOPLE.slice(0, 2)), { posts: 3, edges: 12, edits: 0 });
const shy = steps(fc.constantFrom(...PEOPLE.slice(0, 2)), { posts: 0, edges: 1, edits: 20 }, 1);
const fault = fc.option(
  fc.constantFrom<Fault | 'death'>('conflict', 'throttle', 'partial', 'lost-reply', 'unreachable', 'death'),
  {
    nil: undefined,
    freq: 3,
  },
);

test.each([
  ['three people', everybody],
  ['two who follow and unfollow', undecided],
  ['two who show and hide', shy],
] as const)(
  '%s: whatever races, repeats, dies or is lost: no read shows what was hidden before it, and in the end every feed is its model',
  { timeout: 600_000 },
  async (_who, step) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ step, caller: fc.nat(CALLERS - 1) }), { minLength: 1, maxLength: 14 }),
        fc.array(fault, { maxLength: 60 }),
        fc.array(fc.boolean(), { maxLength: 30 }),
        fc.array(fc.constantFrom(0, 0, 3, 12), { maxLength: 30 }),
        fc.scheduler(),
        async (calls, faults, doubles, lags, scheduler) => {
          const chance: Chance = {
            turn: (label) => scheduler.schedule(Promise.resolve(), label).then(() => undefined),
            fault: () => faults.shift(),
            twice: () => doubles.shift() ?? false,
            lag: () => lags.shift() ?? 0,
          };
          const plaza = simulate(chance);
          const made: Made[] = [];
          const outcomes = new Set<unknown>();

          const read = async (viewerId: string) => {
            const ids: string[] = [];
            for (let pageToken = ''; ;) {
              const page = await plaza.feed.listHomeFeed(asUser(viewerId), { viewerId, pageSize: 2, pageToken, order: 0 });
              ids.push(...idsOf(page.items));
              pageToken = page.nextPageToken;
              if (pageToken === '') return ids;
            }
          };

          const leaks: unknown[] = [];
          const play = async (next: (typeof calls)[number]['step']): Promise<void> => {
            const requestId = newId();
            switch (next.kind) {
              case 'post': {
                const { who: authorId, visibility } = next;
                const request = { authorId, text: 'x', media: [], productIds: [], visibility, requestId, replyToPostId: '' };
                const { post } = await insist(() => plaza.posts.createPost(asUser(authorId), request));
                made.push({ postId: post!.postId, authorId, writes: [{ begin: 0, end: plaza.tick(), visibility }] });
                return;
              }
              case 'edit': {
                const post = made[next.which];
                if (post === undefined) return;
                const { postId, authorId } = post;
                const write = { begin: plaza.tick(), end: Infinity, visibility: next.visibility };
                post.writes.push(write);
                const changes = { text: '', media: [], productIds: [], visibility: next.visibility };
                const request = { postId, changes, updateMask: ['visibility'], etag: '', requestId };
                const outcome = await insist(() => plaza.posts.updatePost(asUser(authorId), request)).then(
                  () => 'DONE',
                  reasonOf,
                );
                outcomes.add(outcome);
                write.end = plaza.tick();
                return;
              }
              case 'delete': {
                const post = made[next.which];
                if (post === undefined) return;
                await insist(() => plaza.posts.deletePost(asUser(post.authorId), { postId: post.postId, requestId }));
                post.deletedAt ??= plaza.tick();
                return;
              }
              case 'follow':
                if (next.who !== next.whom) plaza.follow(next.who, next.whom);
                return;
              case 'unfollow':
                plaza.unfollow(next.who, next.whom);
                return;
              case 'wipe':
                plaza.wipe();
                return;
              case 'read': {
                const start = plaza.tick();
                const ids = await insist(() => read(next.who));
                const end = plaza.tick();
                if (ids.some((id, i) => i > 0 && id >= ids[i - 1]!)) leaks.push({ disorder: ids });
                const mayShow = ({ authorId, writes, deletedAt = Infinity }: Made) =>
                  deletedAt > start &&
                  (authorId === next.who ||
                    (possible(writes, start, end).some((visibility) => visibility !== 3) &&
                      plaza.followedWithin(next.who, authorId, start, end)));
                leaks.push(...made.filter((post) => ids.includes(post.postId) && !mayShow(post)));
              }
            }
          };

          // Two of them know each other already, so that there is something to take away.
          for (const [who, whom] of [PEOPLE.slice(0, 2), PEOPLE.slice(0, 2).reverse()] as [string, string][]) {
            await play({ kind: 'post', who, visibility: 1 });
            await play({ kind: 'follow', who, whom });
          }
          await plaza.settle();
          plaza.begin();
          const queues = Array.from({ length: CALLERS }, async (_, caller) => {
            for (const call of calls.filter((one) => one.caller === caller)) await play(call.step);
          });
          await scheduler.waitFor(Promise.all(queues));
          // Whatever the scheduler still holds belongs to messages.
          await scheduler.waitIdle();
          await plaza.settle();
          expect(leaks).toEqual([]);
          expect(['DONE', 'POST_NOT_FOUND']).toEqual(expect.arrayContaining([...outcomes]));
          const left = await Promise.all(
            made
              .filter(({ deletedAt }) => deletedAt === undefined)
              .map(({ postId, authorId }) => plaza.posts.getPost(asUser(authorId), { postId })),
          );
          for (const viewer of PEOPLE) {
            const wanted = left
              .map(({ post }) => post!)
              .filter(({ authorId, visibility }) => authorId === viewer || (visibility !== 3 && plaza.follows(viewer, authorId)));
            expect(await read(viewer)).toEqual(
              wanted
                .map(({ postId }) => postId)
                .sort()
                .reverse(),
            );
          }
        },
      ),
      { numRuns: RUNS },
    );
  },
);

interface Made {
  readonly postId: string;
  readonly authorId: string;
  /** Each took effect at some tick between the two. */
  readonly writes: { readonly begin: number; end: number; readonly visibility: number }[];
  deletedAt?: number;
}

/** What a post may have been at some moment of a span: what was not certainly overwritten before, and was not written after. */
const possible = (writes: Made['writes'], start: number, end: number): number[] =>
  writes
    .filter((write) => write.begin <= end && !writes.some((other) => other.begin > write.end && other.end < start))
    .map(({ visibility }) => visibility);

/** A caller who hears that the outcome is unknown, or that a race was lost, sends the same again. */
const insist = async <T>(call: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isAppError(error) || !['UNAVAILABLE', 'ABORTED'].includes(error.code)) throw error;
    }
  }
};

const reasonOf = (error: unknown): unknown => (isAppError(error) ? error.reason : error);
