import { Redis as Client } from 'ioredis';

/** Redis as an operator looks at it. What the user that asks may not see is undefined. */
export interface SeenRedis {
  /** One round trip, in milliseconds. */
  readonly roundTripMs: number;
  readonly version: string | undefined;
  /** What goes when memory is full: `noeviction`, `allkeys-lru` … */
  readonly policy: string | undefined;
  /** Bytes; 0 is no limit. */
  readonly maxMemory: number | undefined;
  readonly usedMemory: number | undefined;
}

/** Looks once, over a connection of its own. @throws Error when it does not answer within `timeoutMs`. */
export const inspectRedis = async (url: string, timeoutMs: number): Promise<SeenRedis> => {
  const client = new Client(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The failure comes by the promise too.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const started = performance.now();
    await client.ping();
    const roundTripMs = performance.now() - started;
    const info = await client.info().catch(() => '');
    const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
    const number = (name: string) => (field(name) === undefined ? undefined : Number(field(name)));
    return {
      roundTripMs,
      version: field('redis_version'),
      policy: field('maxmemory_policy'),
      maxMemory: number('maxmemory'),
      usedMemory: number('used_memory'),
    };
  } finally {
    client.disconnect();
  }
};
