import process from 'node:process';

import { newId } from '@plaza/core';
import type { Fault } from '@plaza/dynamo';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { ENGAGEMENT_KINDS, type EngagementKind } from '../src/domain/posts/engagement.ts';
import {
  counted,
  expectAlternating,
  expectAuthors,
  expectErased,
  expectOneAnswer,
  expectOneStory,
  listed,
} from './engagement-audit.ts';
import { calling, createEngagementWorld, untilAnswered } from './engagement-world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 200);
const PEOPLE = [newId(), newId()];
const CALLERS = 4;
const PUBLIC = 1;
const PRIVATE = 3;
type Visibility = typeof PUBLIC | typeof PRIVATE;

const person = fc.constantFrom(...PEOPLE);
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      does: fc.constant('engage' as const),
      kind: fc.constantFrom(...ENGAGEMENT_KINDS),
      begins: fc.boolean(),
      who: person,
      post: fc.nat(5),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('erase' as const), who: person }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('answer' as const),
      who: person,
      post: fc.nat(5),
      visibility: fc.constantFrom<Visibility>(PUBLIC, PUBLIC, PRIVATE),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('delete' as const), post: fc.nat(5) }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('deliver' as const), which: fc.nat(30) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const call = fc.record({ step, caller: fc.nat(CALLERS - 1), again: fc.boolean() });
const fault = fc.option(fc.constantFrom<Fault>('conflict', 'throttle', 'lost-reply', 'unreachable'), { nil: undefined, freq: 3 });

test(
  'whatever likes, reposts, bookmarks, answers, deletions and erasures race, repeat, fail or are lost: state, lists, events and counts tell one story',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 12 }),
        fc.array(fault, { maxLength: 60 }),
        fc.infiniteStream(fc.nat(1_000)),
        fc.scheduler(),
        async (calls, faults, chance, scheduler) => {
          let live = false;
          const world = createEngagementWorld(async ({ verb }) => {
            if (!live) return undefined;
            await scheduler.schedule(Promise.resolve(), verb);
            return faults.shift();
          });
          const replicas = [world.replica(), world.replica()];
          const made: { postId: string; authorId: string }[] = [];
          const publish = async (authorId: string, replyToPostId: string, visibility: Visibility, requestId: string, at = 0) => {
            const request = { authorId, text: 'a post', media: [], productIds: [], visibility, requestId, replyToPostId };
            const answer = await untilAnswered(() => replicas[at]!.posts.createPost(calling(authorId, 'create'), request));
            if (typeof answer !== 'string') made.push({ postId: answer.post!.postId!, authorId });
          };
          for (const author of PEOPLE) await publish(author, '', PUBLIC, newId());

          const answers = new Map<string, unknown[]>();
          const erased = new Set<string>();
          /** One call, under an id of its own: whoever plays it again repeats the same request. */
          const actOf = (step: Step) => {
            const requestId = newId();
            switch (step.does) {
              case 'engage':
                return async (at: number) => {
                  const { postId } = made[step.post % 2]!;
                  const answer = await untilAnswered(() =>
                    engage(replicas[at]!.posts, step.kind, step.begins, step.who, postId, requestId),
                  );
                  answers.set(requestId, [...(answers.get(requestId) ?? []), answer]);
                };
              case 'erase':
                return async (at: number) => {
                  await untilAnswered(() => replicas[at]!.erase(step.who));
                  erased.add(step.who);
                };
              case 'answer':
                return (at: number) => publish(step.who, made[step.post % made.length]!.postId, step.visibility, requestId, at);
              case 'delete':
                return async (at: number) => {
                  const { postId, authorId } = made[step.post % made.length]!;
                  await untilAnswered(() => replicas[at]!.posts.deletePost(calling(authorId, 'delete'), { postId, requestId }));
                };
              case 'deliver':
                return async (at: number) => {
                  const events = await untilAnswered(() => world.events());
                  if (typeof events === 'string' || events.length === 0) return;
                  await replicas[at]!.count(events[step.which % events.length]!);
                };
            }
          };
          const acts = calls.map((each) => ({ ...each, act: actOf(each.step) }));
          const queues = Array.from({ length: CALLERS }, (_, caller) => [
            ...acts.filter((each) => each.caller === caller),
            ...acts.filter((each) => each.again && (each.caller + 1) % CALLERS === caller),
          ]);
          live = true;
          await scheduler.waitFor(
            Promise.all(
              queues.map(async (queue, caller) => {
                for (const { act } of queue) await act(caller % 2);
              }),
            ),
          );
          live = false;

          const events = await world.events();
          const [postIds, rounds] = [made.map(({ postId }) => postId), chance.take(2 * events.length)];
          const shuffled = [...events, ...events]
            .map((event) => ({ event, place: rounds.next().value ?? 0 }))
            .toSorted((a, b) => a.place - b.place);
          await Promise.all(shuffled.map(({ event, place }) => replicas[place % 2]!.count(event)));

          await expectOneStory(world.db, PEOPLE, postIds);
          await expectAlternating(world.db, events, PEOPLE);
          for (const postId of postIds) expect(await counted(world.db, postId)).toEqual(await listed(world.db, postId));
          expectAuthors(events, new Map(made.map(({ postId, authorId }) => [postId, authorId])));
          for (const userId of erased) await expectErased(world.db, events, userId);
          for (const given of answers.values()) expectOneAnswer(given, events);
        },
      ),
      { numRuns: RUNS },
    );
  },
);

const RPCS = {
  like: ['like', 'unlike'],
  repost: ['repost', 'undoRepost'],
  bookmark: ['bookmark', 'unbookmark'],
} as const satisfies Record<EngagementKind, readonly [string, string]>;

const engage = (
  posts: ReturnType<ReturnType<typeof createEngagementWorld>['replica']>['posts'],
  kind: EngagementKind,
  begins: boolean,
  userId: string,
  postId: string,
  requestId: string,
) => {
  const rpc = RPCS[kind][begins ? 0 : 1];
  return posts[rpc](calling(userId, rpc), { userId, postId, requestId });
};
