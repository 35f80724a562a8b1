import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { AppError } from '@plaza/core';
import { ErrorInfo, PreconditionFailure, RetryInfo } from '@plaza/proto/google/rpc/error_details';
import { Status } from '@plaza/proto/google/rpc/status';
import { expect, onTestFinished, test } from 'vitest';

import { encodeStatus, noLimits } from '../src/index.ts';
import { decodeStatus } from '../src/status.ts';
import { alice, as, bob, context, graph, graphClient, refusal, serve } from './fixture.ts';

const follow = { followerId: alice, followeeId: bob };

test('a refusal reaches the caller of the caller intact, in the name of the service that knows', async () => {
  const far = await serve([
    graph({
      follow: () =>
        Promise.reject(
          new AppError('RESOURCE_EXHAUSTED', 'FOLLOW_LIMIT', 'too many', {
            metadata: { limit: '5000' },
            retryAfterMs: 1_250,
            violations: [{ field: 'followee_id', description: 'one too many' }],
          }),
        ),
    }),
  ]);
  const peer = graphClient(far.target, as.alice);
  const near = await serve([graph({ follow: (ctx, request) => peer.follow(ctx, request) })], {
    service: 'order',
    limiter: noLimits,
  });
  expect(await refusal(graphClient(near.target, as.alice).follow(context(), follow))).toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
    reason: 'FOLLOW_LIMIT',
    message: 'too many',
    details: {
      domain: 'plaza.graph',
      metadata: { limit: '5000' },
      retryAfterMs: 1_250,
      violations: [{ field: 'followee_id', description: 'one too many' }],
    },
  });
});

test('a defect leaves nothing but its request id, and its stack in the log', async () => {
  const { target, lines } = await serve([
    graph({
      follow() {
        throw new TypeError('table plaza-users, key U#1');
      },
    }),
  ]);
  const client = new Client(target, credentials.createInsecure());
  onTestFinished(() => client.close());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${as.admin()}`);
  metadata.set('x-request-id', 'call-1');
  const bytes = Buffer.from([10, 26, ...Buffer.from(alice), 18, 26, ...Buffer.from(bob)]);
  const same = (b: Buffer) => b;
  const error = await new Promise<ServiceError | null>((resolve) => {
    client.makeUnaryRequest('/plaza.graph.v1.SocialGraphService/Follow', same, same, bytes, metadata, {}, (e) => resolve(e));
  });
  expect(error).toMatchObject({ code: 13, details: 'internal error' });
  expect(error?.metadata.get('x-request-id')).toEqual(['call-1']);
  expect(
    JSON.stringify(error?.metadata.toJSON()) + Buffer.from(error?.metadata.get('grpc-status-details-bin')[0] ?? '').toString(),
  ).not.toMatch(/plaza-users/);
  expect(lines).toMatchObject([
    { level: 'error', event: 'rpc.failed', code: 'INTERNAL', request_id: 'call-1', message: 'table plaza-users, key U#1' },
  ]);
  expect(lines[0]?.['stack']).toContain('errors.test.ts');
});

test('refusals are info, and name their reason and domain', async () => {
  const { target, lines } = await serve([
    graph({ follow: () => Promise.reject(new AppError('FAILED_PRECONDITION', 'SELF_FOLLOW', 'alice@x.io')) }),
  ]);
  await refusal(graphClient(target, as.alice).follow(context(), follow));
  expect(lines).toMatchObject([{ level: 'info', event: 'rpc.failed', code: 'FAILED_PRECONDITION', reason: 'SELF_FOLLOW' }]);
  expect(lines[0]).toMatchObject({ caller: `user:${alice}`, method: 'plaza.graph.v1.SocialGraphService/Follow' });
  expect(JSON.stringify(lines)).not.toContain('alice@x.io');
});

test('the status carries what the error says, and only what applies', () => {
  const types = (status: Status) => status.details.map(({ typeUrl }) => typeUrl.slice(typeUrl.lastIndexOf('.') + 1));
  const precondition = encodeStatus(new AppError('FAILED_PRECONDITION', 'OUT_OF_STOCK', 'none left'), 'plaza.product');
  expect(types(precondition)).toEqual(['ErrorInfo', 'PreconditionFailure']);
  expect(PreconditionFailure.decode(precondition.details[1]!.value).violations).toMatchObject([{ type: 'OUT_OF_STOCK' }]);
  expect(ErrorInfo.decode(precondition.details[0]!.value)).toMatchObject({ reason: 'OUT_OF_STOCK', domain: 'plaza.product' });

  const retry = encodeStatus(new AppError('RESOURCE_EXHAUSTED', 'OVERLOADED', 'later', { retryAfterMs: 1_500 }), 'plaza.product');
  expect(types(retry)).toEqual(['ErrorInfo', 'RetryInfo']);
  expect(RetryInfo.decode(retry.details[1]!.value).retryDelay).toEqual({ seconds: 1n, nanos: 500_000_000 });
  // OVERLOADED is a reason of all services.
  expect(ErrorInfo.decode(retry.details[0]!.value).domain).toBe('plaza');

  expect(types(encodeStatus(new Error('secret'), 'plaza.product'))).toEqual(['ErrorInfo']);
  expect(JSON.stringify(Status.toJSON(encodeStatus(new Error('secret'), 'plaza.product')))).not.toContain('secret');
});

test('a status comes back as the error that it was made of, also when its text is broken', () => {
  const error = new AppError('ABORTED', 'ETAG_MISMATCH', 'half a pair \ud800', { domain: 'plaza.user', metadata: { etag: '7' } });
  expect(decodeStatus(encodeStatus(error, 'plaza.user'))).toMatchObject({
    code: 'ABORTED',
    reason: 'ETAG_MISMATCH',
    message: 'half a pair \ufffd',
    details: { domain: 'plaza.user', metadata: { etag: '7' } },
  });
});

test('a thousand wrong fields still fit into the trailers', async () => {
  const violations = Array.from({ length: 1_000 }, (_, i) => ({ field: `user_ids[${i}]`, description: 'must be a valid ULID' }));
  const { target } = await serve([
    graph({
      follow: () => Promise.reject(new AppError('INVALID_ARGUMENT', 'INVALID_FIELD', 'x'.repeat(10_000), { violations })),
    }),
  ]);
  expect(await refusal(graphClient(target, as.alice).follow(context(), follow))).toMatchObject({ reason: 'INVALID_FIELD' });
});
