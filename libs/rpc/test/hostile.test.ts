import { once } from 'node:events';
import { connect as connectHttp2, constants, type OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';

import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';

import { alice, as, bob, context, eventually, graph, graphClient, serve } from './fixture.ts';

const FOLLOW = '/plaza.graph.v1.SocialGraphService/Follow';
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

// vitest reports what nobody catches as a failed run: no crash goes by unseen.
const alive = async (target: string) => {
  const client = graphClient(target, as.alice);
  const answer = await eventually(() => client.follow(context(), { followerId: alice, followeeId: bob }), 10_000);
  return answer.state === 1;
};

/** Writes bytes to the port and waits until the server has had enough of them, or does not care. */
const throwAt = async (port: number, bytes: Buffer) => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  socket.end(bytes);
  await Promise.race([once(socket, 'close'), new Promise((resolve) => setTimeout(resolve, 200).unref())]);
  socket.destroy();
};

test('what is no HTTP/2 does not harm', async () => {
  const { port, target } = await serve([graph()]);
  const frames = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.alloc(100_000, 0xff),
    Buffer.concat([preface, Buffer.alloc(5_000, 0x41)]),
    Buffer.concat([preface, settings, Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1])]),
    // HEADERS with a broken header block; CONTINUATION out of nowhere; DATA on stream 0.
    Buffer.concat([preface, settings, Buffer.from([0, 0, 4, 1, 5, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff])]),
    Buffer.concat([preface, settings, Buffer.from([0, 0, 1, 9, 4, 0, 0, 0, 1, 0])]),
    Buffer.concat([preface, settings, Buffer.from([0, 0, 1, 0, 0, 0, 0, 0, 0, 0])]),
  ];
  for (const bytes of frames) await throwAt(port, bytes);
  expect(await alive(target)).toBe(true);
});

test('random frames do not harm', async () => {
  const { port, target } = await serve([graph()]);
  const frame = fc
    .tuple(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 12 }), fc.nat(255), fc.nat(9))
    .map(([body, type, flags, stream]) => Buffer.from([0, 0, body.length, type, flags, 0, 0, 0, stream, ...body]));
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 8 }), async (frames) => {
      await throwAt(port, Buffer.concat([preface, settings, ...frames]));
    }),
    { numRuns: 40 },
  );
  expect(await alive(target)).toBe(true);
});

/** One gRPC call, written by hand. */
const call = async (port: number, body: Buffer, headers: OutgoingHttpHeaders = {}) => {
  const session = connectHttp2(`http://127.0.0.1:${port}`).on('error', () => undefined);
  onTestFinished(() => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': FOLLOW,
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: `Bearer ${as.alice()}`,
    ...headers,
  });
  stream.on('error', () => undefined).resume();
  const answer: Record<string, unknown> = {};
  stream.on('response', (h) => Object.assign(answer, h)).on('trailers', (h) => Object.assign(answer, h));
  stream.end(body);
  await once(stream, 'close');
  session.close();
  return {
    status: answer['grpc-status'] as string | undefined,
    http: answer[':status'],
    explained: 'grpc-status-details-bin' in answer,
  };
};
const message = (bytes: Buffer, flag = 0) => {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};
const follow = Buffer.from([10, 26, ...Buffer.from(alice), 18, 26, ...Buffer.from(bob)]);
const INVALID = { status: '3', explained: true };

test('broken calls are the caller’s fault', async () => {
  const { port, target } = await serve([graph()]);
  expect(await call(port, message(follow))).toMatchObject({ status: '0' });
  expect(await call(port, Buffer.alloc(0))).toMatchObject(INVALID);
  expect(await call(port, Buffer.concat([message(follow), message(follow)]))).toMatchObject(INVALID);
  expect(await call(port, message(follow, 1), { 'grpc-encoding': 'gzip' })).toMatchObject(INVALID);
  expect(await call(port, message(follow, 1), { 'grpc-encoding': 'snappy' })).toMatchObject({ status: '12', explained: true });
  expect(await call(port, message(follow), { 'grpc-timeout': 'soon' })).toMatchObject(INVALID);
  expect(await call(port, message(follow), { authorization: 'Basic abc' })).toMatchObject({ status: '16', explained: true });
  expect(await call(port, message(follow), { 'x-request-id': 'evil\tid'.repeat(50) })).toMatchObject({ status: '0' });
  expect(await call(port, message(follow), { 'content-type': 'text/html' })).toMatchObject({ http: 415 });
  expect(await call(port, Buffer.from([0, 0xff, 0xff, 0xff, 0xff]))).toMatchObject({ status: '8', explained: true });
  expect(await alive(target)).toBe(true);
});

test('random messages are answered, and never with an internal error', async () => {
  const { port, target } = await serve([graph()]);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const { status } = await call(port, message(Buffer.from(bytes)));
      expect(['0', '3', '7']).toContain(status);
    }),
    { numRuns: 150 },
  );
  expect(await alive(target)).toBe(true);
});

test('a storm of resets does not stop the others', async () => {
  const { port, target } = await serve([graph()]);
  const session = connectHttp2(`http://127.0.0.1:${port}`).on('error', () => undefined);
  for (let i = 0; i < 2_000 && !session.destroyed; i++) {
    const stream = session.request({ ':method': 'POST', ':path': FOLLOW, 'content-type': 'application/grpc' });
    stream.on('error', () => undefined).close(constants.NGHTTP2_CANCEL);
  }
  expect(await alive(target)).toBe(true);
  session.destroy();
});
