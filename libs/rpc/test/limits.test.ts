import { ImportReceipt } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { once } from 'node:events';

import { newId } from '@plaza/core';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test } from 'vitest';

import { fromGrpc } from '../src/status.ts';
import { alice, as, bob, context, eventually, followers, graph, graphClient, refusal, serve } from './fixture.ts';

describe('overload', () => {
  const gated = () => {
    const gate = new AbortController();
    let inside = 0;
    let most = 0;
    const handlers = {
      async *streamFollowers() {
        most = Math.max(most, ++inside);
        if (!gate.signal.aborted) await once(gate.signal, 'abort');
        inside--;
        yield { followerIds: [], resumeToken: '' };
      },
    };
    return { handlers, open: () => gate.abort(), most: () => most };
  };

  test('so many are let in, a few wait, the rest are told when to come back', async () => {
    const { handlers, open, most } = gated();
    const { target } = await serve([graph(handlers)], { limits: { concurrency: 4, queue: 2, queueMs: 20_000 } });
    const client = graphClient(target, as.feed);
    const calls = Array.from({ length: 20 }, () => followers(client));
    const outcomes = Promise.allSettled(calls);
    const refused = await Promise.all(calls.slice(6).map(refusal));
    for (const error of refused)
      expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'OVERLOADED', details: { domain: 'plaza' } });
    expect(refused).toHaveProperty('[0].details.retryAfterMs', expect.any(Number));
    expect(most()).toBe(4);
    open();
    expect((await outcomes).filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
    expect(most()).toBe(4);
  });

  test('who waits too long is told, and places come free again', async () => {
    const { handlers, open } = gated();
    const { target } = await serve([graph(handlers)], { limits: { concurrency: 1, queue: 5, queueMs: 50 } });
    const client = graphClient(target, as.feed);
    const first = followers(client);
    expect(await refusal(followers(client))).toMatchObject({ reason: 'OVERLOADED' });
    open();
    await first;
    await Promise.all(Array.from({ length: 5 }, () => followers(client)));
  });

  test('health answers while nothing else does', async () => {
    const { handlers, open } = gated();
    const { target, adminPort } = await serve([graph(handlers)], { limits: { concurrency: 1, queue: 0 } });
    const client = graphClient(target, as.feed);
    const first = followers(client);
    await eventually(async () => {
      expect(await refusal(followers(client))).toMatchObject({ reason: 'OVERLOADED' });
    });
    expect((await rawUnary(target, '/grpc.health.v1.Health/Check', Buffer.alloc(0))).code).toBeUndefined();
    expect(await (await fetch(`http://127.0.0.1:${adminPort}/statusz`)).json()).toMatchObject({ in_flight: 1, healthy: true });
    open();
    await first;
  });
});

const rawUnary = async (target: string, path: string, bytes: Buffer, headers: Record<string, string> = {}) => {
  const client = new Client(target, credentials.createInsecure());
  onTestFinished(() => client.close());
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
  const same = (b: Buffer) => b;
  const failure = await new Promise<ServiceError | null>((resolve) => {
    client.makeUnaryRequest(path, same, same, bytes, metadata, { deadline: Date.now() + 2_000 }, (error) => resolve(error));
  });
  const { code, reason, details } = (failure && fromGrpc(failure)) ?? {};
  return { code, reason, details, explained: failure?.metadata.get('grpc-status-details-bin').length === 1 };
};

describe('size', () => {
  const LIST = '/plaza.graph.v1.SocialGraphService/ListFollowers';
  const tooLarge = { code: 'RESOURCE_EXHAUSTED', reason: 'MESSAGE_TOO_LARGE', explained: true };

  test('above the limit of the method, and above the limit of the server', async () => {
    const { target } = await serve([graph()]);
    expect(await rawUnary(target, LIST, Buffer.alloc(65_537))).toMatchObject({
      ...tooLarge,
      details: { metadata: { limit: '65536' } },
    });
    expect(await rawUnary(target, LIST, Buffer.alloc(300_000))).toMatchObject(tooLarge);
  });

  test('a compressed message counts as what it unpacks to', async () => {
    const { target } = await serve([graph()]);
    const client = new Client(target, credentials.createInsecure(), { 'grpc.default_compression_algorithm': 2 });
    onTestFinished(() => client.close());
    const same = (b: Buffer) => b;
    const failure = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(LIST, same, same, Buffer.alloc(20 * 2 ** 20), { deadline: Date.now() + 4_000 }, (error) =>
        resolve(error),
      );
    });
    expect(failure && fromGrpc(failure)).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'MESSAGE_TOO_LARGE' });
  });

  test('one message of a stream', async () => {
    const received: string[] = [];
    const { target } = await serve([
      graph({
        async importFollows(_ctx, requests) {
          for await (const { followerId } of requests) received.push(followerId);
          return { receipt: undefined };
        },
      }),
    ]);
    const requests = async function* () {
      yield { followerId: alice, followeeIds: [bob] };
      yield { followerId: alice, followeeIds: ['x'] };
      yield { followerId: bob, followeeIds: [alice] };
    };
    const error = await refusal(graphClient(target, as.admin).importFollows(context(), requests()));
    expect(error).toMatchObject({ reason: 'INVALID_FIELD', details: { violations: [{ field: 'followee_ids[0]' }] } });
    expect(received).toEqual([alice]);
  });
});

test('methods that nobody serves are named as such', async () => {
  const { target } = await serve([graph()]);
  const expected = { code: 'UNIMPLEMENTED', reason: 'METHOD_UNKNOWN', explained: true };
  expect(await rawUnary(target, '/plaza.graph.v1.SocialGraphService/Nope', Buffer.alloc(0))).toMatchObject(expected);
  expect(await rawUnary(target, `/${SessionServiceDefinition.fullName}/CreateSession`, Buffer.alloc(0))).toMatchObject(expected);
});

describe('streams', () => {
  test('a slow reader slows the writer down', async () => {
    let written = 0;
    const chunk = Array.from({ length: 500 }, () => newId());
    const { target } = await serve([
      graph({
        async *streamFollowers() {
          for (; written < 400; written++) yield { followerIds: chunk, resumeToken: '' };
        },
      }),
    ]);
    const stream = graphClient(target, as.feed).streamFollowers(context({ timeoutMs: 20_000 }), { authorId: alice });
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    const first = await settled(() => written);
    expect(first).toBeLessThan(200);
    let read = 1;
    while (!(await reader.next()).done) read++;
    expect(read).toBe(400);
  });

  test('a slow handler slows the sender down', async () => {
    const gate = new AbortController();
    let sent = 0;
    const { target } = await serve([
      graph({
        async importFollows(_ctx, requests) {
          await once(gate.signal, 'abort');
          let messages = 0n;
          for await (const _ of requests) messages++;
          return { receipt: ImportReceipt.fromPartial({ messages }) };
        },
      }),
    ]);
    const followeeIds = Array.from({ length: 45 }, () => newId());
    const requests = async function* () {
      for (; sent < 800; sent++) yield { followerId: alice, followeeIds };
    };
    const answer = graphClient(target, as.admin).importFollows(context({ timeoutMs: 20_000 }), requests());
    expect(await settled(() => sent)).toBeLessThan(500);
    gate.abort();
    expect(await answer).toMatchObject({ receipt: { messages: 800n } });
  });

  test('a source that breaks fails the call with its own error', async () => {
    const arrived = new AbortController();
    const { target, lines } = await serve([
      graph({
        async importFollows(_ctx, requests) {
          for await (const _ of requests) arrived.abort();
          return { receipt: undefined };
        },
      }),
    ]);
    const requests = async function* () {
      yield { followerId: alice, followeeIds: [bob] };
      await once(arrived.signal, 'abort');
      throw new Error('disk gone');
    };
    await expect(graphClient(target, as.admin).importFollows(context(), requests())).rejects.toThrow('disk gone');
    await eventually(() => expect(lines).toMatchObject([{ code: 'CANCELLED' }]));
  });
});

/** The value once it has stood still for a while. */
const settled = async (read: () => number): Promise<number> => {
  let last = -1;
  let since = Date.now();
  return eventually(() => {
    const value = read();
    if (value !== last) since = Date.now();
    last = value;
    if (Date.now() - since < 300) throw new Error('still moving');
    return value;
  }, 10_000);
};
