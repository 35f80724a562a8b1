import process from 'node:process';

import { isAppError, newId } from '@plaza/core';
import type { Fault } from '@plaza/dynamo';
import { postCreated, postDeleted, postUpdated } from '@plaza/events';
import type { Post as PostMessage, PostVisibility } from '@plaza/proto/plaza/feed/v1/post';
import { asAdmin, asUser, testContext } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { isDeleted } from '../src/domain/posts/post.ts';
import { keys, postsTable } from '../src/store/table.ts';
import { rowsAbout, shouldStandIn, standsIn, startReplicas, today, toldBy } from './edit-world.ts';

const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 300);
const AUTHORS = [newId(), newId()];
const PRODUCTS = [newId(), newId()];
const TAGS = ['tea', 'cups', 'gift'];
const CALLERS = 4;

const text = fc.subarray(TAGS).chain((tags) => fc.nat(99).map((n) => `${n} ${tags.map((tag) => `#${tag}`).join(' ')}`));
const visibility = fc.constantFrom<PostVisibility>(1, 2, 3);
const content = fc.record({ text, productIds: fc.subarray(PRODUCTS), visibility });
const which = fc.nat(3);
const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('create' as const), content, answers: fc.option(which) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      which,
      content,
      mask: fc.subarray(['text', 'product_ids', 'visibility'], { minLength: 1 }),
      withEtag: fc.boolean(),
      byAdmin: fc.boolean(),
      times: fc.constantFrom(1, 1, 2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), which }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
const faults = fc.array(
  fc.option(fc.constantFrom<Fault>('conflict', 'throttle', 'lost-reply', 'unreachable'), { nil: undefined, freq: 3 }),
  { maxLength: 60 },
);

interface Acknowledged {
  readonly step: Extract<Step, { kind: 'edit' }>;
  readonly read: PostMessage;
  readonly answer: PostMessage;
}

test(
  'whatever races, repeats or is lost: no acknowledged edit is lost, the past is whole, lists and events are those of the post',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ step, caller: fc.nat(CALLERS - 1) }), { minLength: 1, maxLength: 16 }),
        faults,
        fc.scheduler(),
        async (calls, plan, scheduler) => {
          const { db, replicas, live, get, like } = startReplicas(
            async ({ verb }) => {
              await scheduler.schedule(Promise.resolve(), verb);
              return plan.shift();
            },
            [Date.now, () => Date.now() - 5_000],
          );
          const made: PostMessage[] = [];
          const edits: Acknowledged[] = [];
          const deleted = new Set<string>();

          const create = async (
            posts: (typeof replicas)[number],
            { content: said, answers }: Extract<Step, { kind: 'create' }>,
          ) => {
            const authorId = AUTHORS[made.length % 2]!;
            const replyToPostId = made[answers ?? Infinity]?.postId ?? '';
            const request = { ...said, authorId, media: [], requestId: newId(), replyToPostId };
            const refused = ['REPLY_TO_NOT_FOUND'];
            const created = await insist(() => posts.createPost(asUser(authorId), request), refused);
            if (created === undefined) return;
            made.push(created.post!);
            await like(created.post!.postId);
          };

          const edit = async (posts: (typeof replicas)[number], next: Acknowledged['step']) => {
            const post = made[next.which];
            if (post === undefined) return;
            const ctx = () => (next.byAdmin ? asAdmin() : asUser(post.authorId));
            const got = await insist(() => posts.getPost(asUser(post.authorId), { postId: post.postId }), ['POST_NOT_FOUND']);
            if (got === undefined) return;
            const request = {
              postId: post.postId,
              changes: { ...next.content, media: [] },
              updateMask: next.mask,
              etag: next.withEtag ? got.post!.etag : '',
              requestId: newId(),
            };
            const send = () => insist(() => posts.updatePost(ctx(), request), ['POST_NOT_FOUND', 'ETAG_MISMATCH']);
            const answers = await Promise.all(Array.from({ length: next.times }, send));
            const heard = answers.flatMap((answer) => answer?.post ?? []);
            for (const answer of heard) expect(answer).toEqual(heard[0]);
            if (heard[0] === undefined) return;
            edits.push({ step: next, read: got.post!, answer: heard[0] });
            await like(post.postId);
          };

          const play = async (next: Step, posts: (typeof replicas)[number]) => {
            if (next.kind === 'create') return create(posts, next);
            if (next.kind === 'edit') return edit(posts, next);
            const post = made[next.which];
            if (post === undefined) return;
            await insist(() => posts.deletePost(asUser(post.authorId), { postId: post.postId, requestId: newId() }), []);
            deleted.add(post.postId);
            expect(await get(post.postId)).toHaveProperty('deletedAt');
          };

          const first = { text: 'first #tea', productIds: [PRODUCTS[0]!], visibility: 1 as const };
          await play({ kind: 'create', content: first, answers: null }, replicas[0]!);
          await play({ kind: 'create', content: { ...first, visibility: 3 }, answers: 0 }, replicas[1]!);
          live(true);
          const queues = Array.from({ length: CALLERS }, async (_, caller) => {
            for (const call of calls.filter((one) => one.caller === caller)) await play(call.step, replicas[caller % 2]!);
          });
          await scheduler.waitFor(Promise.all(queues));
          live(false);

          const told = await toldBy(db);
          const among = { hashtags: TAGS, products: PRODUCTS, posts: made.map(({ postId }) => postId), days: [today()] };
          for (const { postId } of made) {
            const post = (await get(postId))!;
            expect(isDeleted(post)).toBe(deleted.has(postId));
            expect(await standsIn(db, post, among)).toEqual(shouldStandIn(post));
            const { revisions, others } = await rowsAbout(db, postId);
            expect(others).toMatchObject([
              { sk: 'COUNTS', likes: 1 + edits.filter(({ answer }) => answer.postId === postId).length },
            ]);

            const events = told.get(postId)!.toSorted((a, b) => a.version - b.version);
            expect(events.map(({ version }) => version)).toEqual(Array.from({ length: post.version }, (_, i) => i + 1));
            expect(events.map(({ subject }) => subject)).toEqual(
              Array.from({ length: post.version }, (_, i) =>
                i === 0
                  ? postCreated.subject
                  : i + 1 === post.version && isDeleted(post)
                    ? postDeleted.subject
                    : postUpdated.subject,
              ),
            );
            const past = isDeleted(post) ? revisions : [...revisions, { ...post, endedAt: undefined }];
            const all = past as readonly Record<string, unknown>[];
            const versions = Array.from({ length: isDeleted(post) ? 0 : post.version }, (_, i) => i + 1);
            expect(all.map(({ version }) => version)).toEqual(versions);
            expect(all.map(({ endedAt }) => endedAt)).toEqual(versions.map((version) => all[version]?.['updatedAt']));
          }

          for (const { step: asked, read, answer } of edits) {
            const fields = asked.mask.map((path) => (path === 'product_ids' ? 'productIds' : (path as 'text' | 'visibility')));
            const [wished, got, stood] = [asked.content, answer, read].map((one) => fields.map((field) => one[field]));
            expect(got).toEqual(wished);
            const ifRead = Number(read.etag) + (JSON.stringify(wished) === JSON.stringify(stood) ? 0 : 1);
            expect(asked.withEtag ? Number(answer.etag) : ifRead).toBe(ifRead);
            expect(Number(answer.etag)).toBeGreaterThanOrEqual(Number(read.etag));
            // Each version is what its edit was answered, in the end and for good.
            const post = (await get(answer.postId))!;
            if (isDeleted(post)) continue;
            const row = await db.get(
              testContext(),
              postsTable,
              post.version === Number(answer.etag) ? keys.post(post.postId) : keys.revision(post.postId, Number(answer.etag)),
            );
            expect(row).toMatchObject({ text: answer.text, productIds: answer.productIds, hashtags: answer.hashtags });
          }
        },
      ),
      { numRuns: RUNS },
    );
  },
);

/** A caller who hears that the outcome is unknown, or that a race was lost, sends the same again; undefined: refused as may be. */
const insist = async <T>(call: () => Promise<T>, refusals: readonly string[]): Promise<T | undefined> => {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (refusals.includes(error.reason)) return undefined;
      if (!['UNAVAILABLE', 'ABORTED'].includes(error.code)) throw error;
    }
  }
};
