import { once } from 'node:events';

import { pause, remainingMs, type Context } from '@plaza/core';
import { SocialGraphServiceDefinition } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { describe, expect, test } from 'vitest';

import { contractsOf } from '../src/contract.ts';

import { alice, as, bob, context, eventually, followers, graph, graphClient, refusal, serve } from './fixture.ts';

const follow = { followerId: alice, followeeId: bob };
const untilAborted = async ({ signal }: Context) => {
  if (!signal.aborted) await once(signal, 'abort');
};

describe('deadlines', () => {
  test('travel through every hop, and are never above the budget', async () => {
    const seen: number[] = [];
    const far = await serve([
      graph({
        async follow(ctx) {
          seen.push(ctx.deadline);
          return { state: 1 };
        },
      }),
    ]);
    const peer = graphClient(far.target, as.alice);
    const near = await serve([
      graph({
        follow(ctx, request) {
          seen.push(ctx.deadline);
          return peer.follow(ctx, request);
        },
      }),
    ]);
    const client = graphClient(near.target, as.alice);
    await client.follow(context(), follow);
    seen.length = 0;

    const ctx = context({ timeoutMs: 400 });
    await client.follow(ctx, follow);
    // A timeout travels as a duration and counts from its arrival, so a busy machine stretches it a little.
    expect(seen[0]).toBeLessThan(ctx.deadline + 300);
    expect(seen[1]).toBeLessThan(ctx.deadline + 600);

    seen.length = 0;
    await client.follow(context({ timeoutMs: 60_000 }), follow);
    const budget = contractsOf(SocialGraphServiceDefinition).get('follow')!.budgetMs;
    expect(seen[0]! - Date.now()).toBeLessThanOrEqual(budget);
  });

  test('a context without a finite deadline is refused', async () => {
    const client = graphClient((await serve([graph()])).target, as.alice);
    await expect(client.follow({ ...context(), deadline: Number.POSITIVE_INFINITY }, follow)).rejects.toThrow(
      'without a deadline',
    );
  });

  test('a call whose deadline has passed does not leave', async () => {
    const { target, lines } = await serve([graph()]);
    const client = graphClient(target, as.alice);
    expect(await refusal(client.follow({ ...context(), deadline: Date.now() - 1 }, follow))).toMatchObject({
      reason: 'DEADLINE_EXCEEDED',
    });
    expect(await refusal(client.follow(context({ timeoutMs: 4 }), follow))).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    expect(lines).toEqual([]);
  });

  test('the caller is told in time, and the handler too', async () => {
    let told: unknown;
    const { target, lines } = await serve([
      graph({
        async follow(ctx) {
          await untilAborted(ctx);
          told = ctx.signal.reason;
          return { state: 1 };
        },
      }),
    ]);
    const started = Date.now();
    const error = await refusal(graphClient(target, as.alice).follow(context({ timeoutMs: 300 }), follow));
    expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED', reason: 'DEADLINE_EXCEEDED' });
    expect(Date.now() - started).toBeLessThan(500);
    await eventually(() => expect(told).toMatchObject({ reason: 'DEADLINE_EXCEEDED' }));
    expect(lines).toMatchObject([{ event: 'rpc.failed', code: 'DEADLINE_EXCEEDED' }]);
  });

  test('work that waited past its deadline is not begun', async () => {
    let begun = 0;
    let taken = false;
    const gate = new AbortController();
    const { target, lines } = await serve(
      [
        graph({
          async *streamFollowers() {
            taken = true;
            await once(gate.signal, 'abort');
            yield { followerIds: [], resumeToken: '' };
          },
          async follow() {
            begun++;
            return { state: 1 };
          },
        }),
      ],
      { limits: { concurrency: 1, queueMs: 30_000 } },
    );
    const first = followers(graphClient(target, as.feed));
    await eventually(() => expect(taken).toBe(true));
    const client = graphClient(target, as.alice);
    // The only place is taken, so this one waits for its turn until nobody waits for it.
    expect(await refusal(client.follow(context({ timeoutMs: 1_000 }), follow))).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    // The timeout counts from its arrival, so the server's deadline is a little later than the caller's.
    await eventually(() => expect(lines).toMatchObject([{ event: 'rpc.failed' }]));
    gate.abort();
    await first;
    await client.listFollowers(context(), { userId: alice });
    expect(begun).toBe(0);
  });
});

describe('cancelling', () => {
  test('reaches the handler, and the handler behind it', async () => {
    const told: string[] = [];
    const far = await serve([
      graph({
        async follow(ctx) {
          told.push('begun');
          await untilAborted(ctx);
          told.push('far');
          return { state: 1 };
        },
      }),
    ]);
    const peer = graphClient(far.target, as.alice);
    const near = await serve([
      graph({
        follow: (ctx, request) =>
          peer.follow(ctx, request).finally(() => {
            told.push('near');
          }),
      }),
    ]);
    const cancel = new AbortController();
    const error = refusal(graphClient(near.target, as.alice).follow(context({ signal: cancel.signal }), follow));
    await eventually(() => expect(told).toEqual(['begun']));
    cancel.abort();
    expect(await error).toMatchObject({ code: 'CANCELLED', reason: 'CALL_CANCELLED' });
    await eventually(() => expect(told.toSorted()).toEqual(['begun', 'far', 'near']));
    await eventually(() => expect(far.lines).toMatchObject([{ code: 'CANCELLED' }]));
    expect(near.lines).toMatchObject([{ code: 'CANCELLED' }]);
  });

  test('ends a stream on both sides when the reader leaves', async () => {
    let ended = false;
    const { target, lines } = await serve([
      graph({
        async *streamFollowers(ctx) {
          try {
            for (;;) {
              yield { followerIds: [alice], resumeToken: '' };
              await pause(1, ctx.signal);
            }
          } finally {
            ended = true;
          }
        },
      }),
    ]);
    for await (const _ of graphClient(target, as.feed).streamFollowers(context(), { authorId: alice })) break;
    await eventually(() => expect(ended).toBe(true));
    expect(lines).toMatchObject([{ code: 'CANCELLED' }]);
  });
});

test('request id and trace travel through every hop', async () => {
  const seen: Context[] = [];
  const far = await serve([
    graph({
      async follow(ctx) {
        seen.push(ctx);
        return { state: 1 };
      },
    }),
  ]);
  const peer = graphClient(far.target, as.alice);
  const near = await serve([graph({ follow: (ctx, request) => peer.follow(ctx, request) })]);
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const ctx = context({ trace });
  await graphClient(near.target, as.alice).follow(ctx, follow);
  expect(seen).toMatchObject([{ requestId: ctx.requestId, trace, caller: { kind: 'user', userId: alice } }]);
  expect(remainingMs(seen[0]!)).toBeGreaterThan(0);
  await eventually(() =>
    expect([near.lines, far.lines]).toMatchObject([[{ request_id: ctx.requestId }], [{ request_id: ctx.requestId }]]),
  );
});
