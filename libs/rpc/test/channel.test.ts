import { credentials, Server, ServerCredentials, type Client } from '@grpc/grpc-js';
import { noMetrics, silentLog } from '@plaza/core';
import { afterEach, expect, test, vi } from 'vitest';

import { createChannel } from '../src/channel.ts';

afterEach(() => vi.useRealTimers());

test('calls that went down with a channel that was thrown away say nothing against its successor', async () => {
  const server = new Server();
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, at) => (error ? reject(error) : resolve(at))),
  );
  const parts = { target: `127.0.0.1:${port}`, credentials: credentials.createInsecure(), options: {} };
  const channel = createChannel({ ...parts, log: silentLog, metrics: noMetrics });
  const first = channel.begin();
  await ready(first);
  channel.answered();

  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  channel.unanswered(first, 'silence');
  vi.advanceTimersByTime(3_000);
  const second = channel.begin();
  expect(second).not.toBe(first);
  await ready(second);
  channel.answered();

  channel.unanswered(first, 'channel closed');
  vi.advanceTimersByTime(3_000);
  expect(channel.begin()).toBe(second);
  channel.unanswered(second, 'silence');
  vi.advanceTimersByTime(3_000);
  expect(channel.begin()).not.toBe(second);
  channel.close();
  server.forceShutdown();
});

const ready = (client: Client): Promise<void> =>
  new Promise((resolve, reject) => client.waitForReady(Date.now() + 10_000, (error) => (error ? reject(error) : resolve())));
