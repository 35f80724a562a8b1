import { expect, test } from 'vitest';

import { loadConfig } from './config.ts';

test('no setting promises a currency that the wallets do not have', () => {
  expect(loadConfig({ ...env, CURRENCY: 'CHF' })).toEqual(loadConfig(env));
});

test('everything that is wrong is reported at once', () => {
  expect(() => loadConfig({ ...env, USER_ADDRESS: 'nowhere', PAGE_SECRET: undefined })).toThrow(
    /USER_ADDRESS[^]*PAGE_SECRET|PAGE_SECRET[^]*USER_ADDRESS/,
  );
});

const env = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  NATS_URL: 'nats://127.0.0.1:4222',
  SIGNING_KEY: 'key',
  VERIFY_KEYS: '{}',
  PAGE_SECRET: 'secret',
  USER_ADDRESS: '127.0.0.1:1',
};
