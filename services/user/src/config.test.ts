import { availableParallelism } from 'node:os';

import { expect, test } from 'vitest';

import { loadConfig } from './config.ts';

const env = {
  REDIS_URL: 'redis://localhost:1',
  NATS_URL: 'nats://localhost:2',
  GRAPH_ADDRESS: 'localhost:3',
  SIGNING_KEY: 'key',
  VERIFY_KEYS: '{}',
  PAGE_SECRET: 'secret',
};

test('a flood of sign-ins leaves a core to everything else', () => {
  expect(loadConfig(env).hashWorkers).toBe(Math.max(1, availableParallelism() - 1));
  expect(loadConfig({ ...env, HASH_WORKERS: '7' }).hashWorkers).toBe(7);
});

test.each(['127.0.0.1:4001', '127.8.8.8:0', 'localhost:4001', '[::1]:4001'])('an admin token may be printed on %s', (LISTEN) => {
  expect(loadConfig({ ...env, LISTEN, DEV_ADMIN_TOKEN: 'true' }).devAdminToken).toBe(true);
});

test.each(['0.0.0.0:4001', '[::]:4001', '10.0.0.1:4001', 'localhost.example.org:4001', '127.0.0.1.example.org:4001'])(
  'an admin token is never printed on %s',
  (LISTEN) => {
    expect(() => loadConfig({ ...env, LISTEN, DEV_ADMIN_TOKEN: 'true' })).toThrow('DEV_ADMIN_TOKEN');
    expect(loadConfig({ ...env, LISTEN }).devAdminToken).toBe(false);
  },
);
