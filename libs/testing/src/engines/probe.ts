import { connect } from 'node:net';

import { eventually } from '../eventually.ts';
import type { EngineName } from './engine.ts';

/** What a client of each engine sends first, if anything, and how the answer of a live one begins. */
const GREETING: Readonly<Record<EngineName, { say: string; hear: RegExp }>> = {
  redis: { say: 'PING\r\n', hear: /^(\+PONG|-NOAUTH)/ },
  nats: { say: '', hear: /^INFO / },
  // Without a signature it answers 400, and that is an answer.
  dynamodb: { say: 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', hear: /^HTTP\/1\.1 / },
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
    socket.setTimeout(2_000, () => end(new Error('silence')));
    socket.on('error', end);
    socket.on('connect', () => (secure ? end() : socket.write(GREETING[name].say)));
    socket.on('data', (bytes) =>
      end(GREETING[name].hear.test(bytes.toString()) ? undefined : new Error('something else is there')),
    );
    socket.on('end', () => end(new Error('it hung up')));
  });
