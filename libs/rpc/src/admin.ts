import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { errorFields, type Log } from '@plaza/core';

import { parseAddress } from './address.ts';
import type { MetricsRegistry } from './metrics-registry.ts';

export interface AdminOptions {
  readonly listen: string;
  readonly metrics: MetricsRegistry;
  readonly log: Log;
  readonly healthy: () => boolean;
  readonly status: () => Promise<Record<string, unknown>>;
  /** The same as a page. */
  readonly page: () => Promise<string>;
}

/** The operator's port: /metrics for Prometheus, /healthz for probes, /statusz for people. */
export const startAdmin = async (options: AdminOptions): Promise<{ port: number; close(): Promise<void> }> => {
  const { host, port } = parseAddress(options.listen);
  const server = createServer((request, response) => {
    answer(options, request).then(
      ({ code, type, body }) => send(response, code, type, body),
      (error: unknown) => {
        options.log.error('admin.failed', errorFields(error));
        send(response, 500, 'text/plain', 'internal error\n');
      },
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
};

const answer = async (
  { metrics, healthy, status, page }: AdminOptions,
  { method, url = '/', headers }: IncomingMessage,
): Promise<{ code: number; type: string; body: string }> => {
  const plain = 'text/plain; charset=utf-8';
  if (method !== 'GET' && method !== 'HEAD') return { code: 405, type: plain, body: 'only GET\n' };
  const [path, query] = url.split('?');
  switch (path) {
    case '/metrics':
      return { code: 200, type: metrics.contentType, body: await metrics.text() };
    case '/healthz':
      return healthy() ? { code: 200, type: plain, body: 'SERVING\n' } : { code: 503, type: plain, body: 'NOT_SERVING\n' };
    case '/statusz':
      // A browser says what it likes to read; whoever does not say is a program.
      if (headers.accept?.includes('text/html') && query !== 'format=json')
        return { code: 200, type: 'text/html; charset=utf-8', body: await page() };
      return { code: 200, type: 'application/json', body: `${JSON.stringify(await status(), undefined, 2)}\n` };
    default:
      return { code: 404, type: plain, body: '/metrics /healthz /statusz\n' };
  }
};

const send = (response: ServerResponse, code: number, type: string, body: string): void => {
  response.writeHead(code, { 'content-type': type }).end(body);
};

const close = async (server: Server): Promise<void> => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
};
