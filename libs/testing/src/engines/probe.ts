import { connect } from 'node:net';

import { eventually } from '../eventually.ts';
import type { EngineName } from './engine.ts';

/**
 * DynamoDB Local answers long before it works: a first real request makes it load its database, which takes seconds on a
 * busy machine. It wants a signature and does not check it.
 */
const LIST_TABLES = [
  'POST / HTTP/1.1',
  'Host: localhost',
  'Connection: close',
  'Content-Type: application/x-amz-json-1.0',
  'X-Amz-Target: DynamoDB_20120810.ListTables',
  'Authorization: AWS4-HMAC-SHA256 Credential=user/20200101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'Content-Length: 2',
  '',
  '{}',
].join('\r\n');

/** What a client of each engine sends first, if anything, and how the answer of a live one begins. */
const GREETING: Readonly<Record<EngineName, { say: string; hear: RegExp }>> = {
  redis: { say: 'PING\r\n', hear: /^(\+PONG|-NOAUTH)/ },
  nats: { say: '', hear: /^INFO / },
  dynamodb: { say: LIST_TABLES, hear: /^HTTP\/1\.1 / },
};

/** Resolves when the engine answers as what it should be; throws when it does not within `timeoutMs`. */
export const answers = (name: EngineName, url: string, timeoutMs: number): Promise<void> =>
  eventually(() => greet(name, url), { timeoutMs, everyMs: 20 });

const DEFAULT_PORT: Readonly<Record<EngineName, number>> = { redis: 6379, nats: 4222, dynamodb: 8000 };

const greet = (name: EngineName, url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const { hostname, port, protocol } = new URL(url);
    // An endpoint under TLS is somebody's real service: that it listens is all that we ask.
    const secure = protocol === 'rediss:' || protocol === 'tls:' || protocol === 'https:';
    const socket = connect({ host: hostname, port: Number(port || (secure && name === 'dynamodb' ? 443 : DEFAULT_PORT[name])) });
    const end = (problem?: Error) => {
      socket.destroy();
      if (problem) reject(new Error(`${name} does not answer at ${hostname}:${port}: ${problem.message}`));
      else resolve();
    };
    socket.setTimeout(10_000, () => end(new Error('silence')));
    socket.on('error', end);
    socket.on('connect', () => (secure ? end() : socket.write(GREETING[name].say)));
    socket.on('data', (bytes) =>
      end(GREETING[name].hear.test(bytes.toString()) ? undefined : new Error('something else is there')),
    );
    socket.on('end', () => end(new Error('it hung up')));
  });
