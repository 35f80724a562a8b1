import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type ClientHttp2Session,
  type Http2Server,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createProxy, eventually, type Proxy } from '../src/index.ts';

/** What the real server did, whatever its callers heard. */
let done: string[];
let server: Server;
let proxy: Proxy;

beforeEach(async () => {
  done = [];
  server = createServer((message, response) => {
    void text(message).then((body) => {
      done.push(body);
      response.end(`did ${body}`);
    });
  });
  proxy = await createProxy({ target: `127.0.0.1:${await listen(server)}` });
});
afterEach(async () => {
  await proxy.close();
  server.closeAllConnections();
  server.close();
});

test('without a fault everything passes, large bodies too', async () => {
  const big = 'x'.repeat(3_000_000);
  expect(await post('a')).toBe('did a');
  expect(await post(big, 20_000)).toBe(`did ${big}`);
});

test('latency delays both directions and keeps the order of bytes', async () => {
  proxy.latency(60);
  const start = performance.now();
  const big = 'abc'.repeat(500_000);
  expect(await post(big)).toBe(`did ${big}`);
  expect(performance.now() - start).toBeGreaterThan(115);
  proxy.heal();
  expect(await timed(() => post('b'))).toBeLessThan(60);
});

test('in a black hole nothing is done and nothing answers', async () => {
  proxy.blackhole();
  await expect(post('a', 150)).rejects.toThrow('timeout');
  proxy.heal();
  expect(await post('b')).toBe('did b');
  expect(done).toEqual(['b']);
});

test('stalled bytes wait and arrive when healed', async () => {
  proxy.stall();
  const waiting = post('a');
  await expect(post('b', 150)).rejects.toThrow('timeout');
  expect(done).toEqual([]);
  proxy.heal();
  expect(await waiting).toBe('did a');
});

test('reset ends connections with ECONNRESET until healed', async () => {
  proxy.reset();
  await expect(post('a')).rejects.toThrow('ECONNRESET');
  await expect(post('a')).rejects.toThrow('ECONNRESET');
  proxy.heal();
  expect(await post('b')).toBe('did b');
});

test('cut refuses connections until healed on the same port', async () => {
  proxy.cut();
  await expect(post('a')).rejects.toThrow('ECONNREFUSED');
  proxy.heal();
  expect(await eventually(() => post('b'))).toBe('did b');
});

describe('dropReply', () => {
  test('by number: the work of that request is done, its caller hears a reset, the next one is answered', async () => {
    proxy.dropReply(2);
    expect(await post('a')).toBe('did a');
    await expect(post('b')).rejects.toThrow('ECONNRESET');
    expect(await post('c')).toBe('did c');
    expect(done).toEqual(['a', 'b', 'c']);
    expect(proxy.dropped).toBe(1);
  });

  test('by predicate: every request that it picks, until healed', async () => {
    proxy.dropReply((bytes) => bytes.includes('secret'));
    await expect(post('secret')).rejects.toThrow('ECONNRESET');
    expect(await post('other')).toBe('did other');
    await expect(post('secret')).rejects.toThrow('ECONNRESET');
    proxy.heal();
    expect(await post('secret')).toBe('did secret');
    expect(done).toEqual(['secret', 'other', 'secret', 'secret']);
  });
});

describe('dropReply on http2', () => {
  let http2: Http2Server;
  let gateway: Proxy;
  let session: ClientHttp2Session;

  beforeEach(async () => {
    http2 = createHttp2Server();
    http2.on('stream', (stream: ServerHttp2Stream) => {
      let body = '';
      stream.on('data', (bytes: Buffer) => (body += bytes.toString()));
      stream.on('end', () => {
        done.push(body);
        stream.on('error', () => undefined);
        stream.respond({ ':status': 200 });
        stream.end(`did ${body}`);
      });
    });
    gateway = await createProxy({ target: `127.0.0.1:${await listen(http2)}`, protocol: 'http2' });
    session = connectHttp2(`http://${gateway.address}`);
    session.on('error', () => undefined);
  });
  afterEach(async () => {
    session.destroy();
    await gateway.close();
    http2.close();
  });

  test('a call among others on one connection is done and never answered', async () => {
    expect(await Promise.all([call(session, 'a'), call(session, 'b')])).toEqual(['did a', 'did b']);
    gateway.dropReply((request) => request.includes('marked'));
    await expect(call(session, 'marked')).rejects.toThrow('ECONNRESET');
    await eventually(() => expect(done).toEqual(['a', 'b', 'marked']));
    expect(gateway.dropped).toBe(1);
  });

  test('by number it counts calls, not chunks', async () => {
    gateway.dropReply(2);
    expect(await call(session, 'x'.repeat(50_000))).toContain('did x');
    await expect(call(session, 'b')).rejects.toThrow('ECONNRESET');
    expect(done.at(-1)).toBe('b');
  });
});

const listen = (target: Server | Http2Server): Promise<number> =>
  new Promise((resolve) => target.listen(0, '127.0.0.1', () => resolve((target.address() as AddressInfo).port)));

const text = async (message: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const bytes of message) body += String(bytes);
  return body;
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

const post = (body: string, timeoutMs = 5_000): Promise<string> =>
  new Promise((resolve, reject) => {
    const call = request({ port: proxy.port, host: '127.0.0.1', method: 'POST', agent: false, timeout: timeoutMs }, (message) => {
      text(message).then(resolve, reject);
    });
    call.on('timeout', () => call.destroy(new Error('timeout')));
    call.on('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code ?? error.message)));
    call.end(body);
  });

const call = (session: ClientHttp2Session, body: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': '/' });
    let answer = '';
    stream.on('data', (bytes: Buffer) => (answer += bytes.toString()));
    stream.on('end', () => (answer === '' ? reject(new Error('no answer')) : resolve(answer)));
    stream.on('error', reject);
    stream.end(body);
  });
