import { silentLog, type Log } from '@plaza/core';
import { createMetrics } from '@plaza/rpc';
import { eventually, redisUrlOf, startRedis, uniqueNamespace, type Engine } from '@plaza/testing';
import { afterAll, beforeAll, expect } from 'vitest';

import { connectRedis, createEntityCache, type EntityCacheOptions, type Redis } from '../src/index.ts';

export interface Doc {
  readonly id: string;
  readonly version: number;
  readonly text: string;
}

export interface Bench {
  readonly engine: Engine;
  /** As a service, which may do what this library does and no more. */
  readonly redis: Redis;
  /** Of somebody who may do anything. */
  readonly tester: Redis;
  /** Another connection, as another process would have. */
  another(log?: Log): Promise<Redis>;
  docs(options?: Partial<EntityCacheOptions<Doc>>): ReturnType<typeof createEntityCache<Doc>>;
  /** What cache_requests_total says. */
  counted(cache: string, result: string): Promise<number>;
  back(redis?: Redis): Promise<void>;
}

/** A Redis of the file's own, so that it may be stopped, killed and wiped. It is given time, since a busy machine is no outage. */
export const useRedis = (commandMs = 5_000): (() => Bench) => {
  let bench: Bench | undefined;
  const open: Redis[] = [];
  beforeAll(async () => {
    const engine = await startRedis();
    const metrics = createMetrics();
    const another = async (log: Log = silentLog, url = redisUrlOf('feed', engine.url)) => {
      const redis = connectRedis({ owner: 'feed', url, log, metrics, commandMs });
      open.push(redis);
      await isUp(redis);
      return redis;
    };
    const [redis, tester] = [await another(), await another(silentLog, engine.url)];
    bench = {
      engine,
      redis,
      tester,
      another,
      docs: (options = {}) =>
        createEntityCache<Doc>({
          redis,
          namespace: uniqueNamespace(),
          name: 'doc',
          ttlMs: 60_000,
          versionOf: (doc) => doc.version,
          ...options,
        }),
      counted: async (cache, result) => {
        const line = (await metrics.text())
          .split('\n')
          .find((each) => each.startsWith(`cache_requests_total{cache="${cache}",result="${result}"}`));
        return Number(line?.split(' ')[1] ?? 0);
      },
      back: (which = redis) => isUp(which),
    };
  });
  afterAll(async () => {
    await Promise.all(open.map((redis) => redis.close()));
    await bench?.engine.stop();
  });
  return () => bench!;
};

const isUp = (redis: Redis) => eventually(() => expect(redis.up()).toBe(true), { everyMs: 10 });

export const doc = (id: string, version: number, text = `${id} at ${version}`): Doc => ({ id, version, text });
