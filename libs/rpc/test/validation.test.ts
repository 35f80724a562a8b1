import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { newId } from '@plaza/core';
import { FollowRequest } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { OrderServiceDefinition } from '@plaza/proto/plaza/order/v1/order_service';
import { PostServiceDefinition } from '@plaza/proto/plaza/feed/v1/post_service';
import { expect, onTestFinished, test } from 'vitest';

import { noLimits } from '../src/index.ts';
import { fromGrpc } from '../src/status.ts';
import { alice, as, bindSome, bob, clientOf, context, graph, graphClient, refusal, serve } from './fixture.ts';

test('every wrong field is named by its path', async () => {
  const client = graphClient((await serve([graph()])).target, as.alice);
  const error = await refusal(client.batchGetCounts(context(), { userIds: [newId(), 'x', newId(), ''] }));
  expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD', details: { domain: 'plaza' } });
  expect(error).toHaveProperty('details.violations', [
    { field: 'user_ids[1]', description: expect.stringContaining('ULID') as string },
    { field: 'user_ids[3]', description: expect.stringContaining('ULID') as string },
  ]);
});

test('a field inside a list of messages has the path of the list', async () => {
  const never = () => Promise.reject(new Error('reached the handler'));
  const orders = bindSome(OrderServiceDefinition, { createOrder: never });
  const { target } = await serve([orders], { service: 'order', limiter: noLimits });
  const client = clientOf(OrderServiceDefinition, target, as.alice);
  const line = { productId: newId(), quantity: 1n };
  const error = await refusal(
    client.createOrder(context(), {
      userId: alice,
      lines: [line, { ...line, productId: newId() }, { productId: newId(), quantity: -1n }],
    }),
  );
  expect(error).toHaveProperty('details.violations[0].field', 'lines[2].quantity');
});

test('negative, too large, too long and too many are refused', async () => {
  const client = graphClient((await serve([graph()])).target);
  const fields = async (call: Promise<unknown>) =>
    ((await refusal(call)) as { details: { violations: { field: string }[] } }).details.violations.map(({ field }) => field);
  const list = (more: object) => client.listFollowers(context(), { userId: alice, ...more });
  expect(await fields(list({ pageSize: -1 }))).toEqual(['page_size']);
  expect(await fields(list({ pageSize: 101 }))).toEqual(['page_size']);
  expect(await fields(list({ pageToken: 'x'.repeat(3_000) }))).toEqual(['page_token']);
  expect(await fields(client.batchGetCounts(context(), { userIds: Array.from({ length: 101 }, () => newId()) }))).toEqual([
    'user_ids',
  ]);
  expect(await fields(client.batchGetCounts(context(), {}))).toEqual(['user_ids']);
});

test('an enum value that the schema does not define is refused where the schema says so', async () => {
  const posts = bindSome(PostServiceDefinition, {});
  const { target } = await serve([posts], { service: 'feed', limiter: noLimits });
  const client = clientOf(PostServiceDefinition, target, as.alice);
  const error = await refusal(client.createPost(context(), { authorId: alice, text: 'hello', visibility: 99 as never }));
  expect(error).toHaveProperty('details.violations[0].field', 'visibility');
});

/** Sends bytes as they are. */
const raw = async (path: string, bytes: Buffer, token = as.alice()) => {
  const { target, lines } = await serve([graph()]);
  const client = new Client(target, credentials.createInsecure());
  onTestFinished(() => client.close());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  const same = (b: Buffer) => b;
  const error = await new Promise<ServiceError | null>((resolve) => {
    client.makeUnaryRequest(path, same, same, bytes, metadata, { deadline: Date.now() + 2_000 }, (failure) => resolve(failure));
  });
  return { error: error && fromGrpc(error), lines };
};
const FOLLOW = '/plaza.graph.v1.SocialGraphService/Follow';
const good = FollowRequest.encode({ followerId: alice, followeeId: bob, requestId: '' }).finish();

test('good bytes pass', async () => {
  expect((await raw(FOLLOW, Buffer.from(good))).error).toBeNull();
});

const broken: Record<string, Buffer> = {
  'a truncated message': Buffer.from(good.subarray(0, 20)),
  'wire type 7': Buffer.from([0x0f, 1, 2]),
  'field number 0': Buffer.from([0x00, 1]),
  'a length beyond the end': Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
  'an unending varint': Buffer.alloc(30, 0xff),
  'text that is not UTF-8': Buffer.from([0x0a, 2, 0xc3, 0x28, ...good]),
  'nesting without end': Buffer.alloc(20_000, 0x0b),
};
test.each(Object.entries(broken))('%s is undecodable, not an internal error', async (_name, bytes) => {
  const { error } = await raw(FOLLOW, bytes);
  expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'UNDECODABLE_MESSAGE', details: { domain: 'plaza' } });
});

test('what a caller sent does not get into the log with its refusal', async () => {
  const { lines } = await raw(
    FOLLOW,
    Buffer.from(FollowRequest.encode({ followerId: alice, followeeId: 'canary@x.io', requestId: '' }).finish()),
  );
  expect(lines).toMatchObject([{ event: 'rpc.failed', reason: 'INVALID_FIELD', violations: ['followee_id'] }]);
  expect(JSON.stringify(lines)).not.toContain('canary');
});
