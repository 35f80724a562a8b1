import { readConfig, type Env, type Tls } from '@plaza/core';

import { readAdmin, readLogLevel } from '../job-config.ts';

export interface PurgeConfig {
  readonly logLevel: string;
  readonly userAddress: string;
  readonly signingKey: string;
  readonly tls: Tls | undefined;
  /** People who were deleted so many days ago are erased. 30 or more: until then they can be brought back. */
  readonly afterDays: number;
  /** Most people whose erasure one run begins. */
  readonly limit: number;
}

const RESTORABLE_DAYS = 30;

export const loadConfig = (env: Env): PurgeConfig => {
  const config = readConfig(env, (read) => ({
    logLevel: readLogLevel(read),
    userAddress: read.address('USER_ADDRESS'),
    ...readAdmin(read),
    afterDays: read.integer('PURGE_AFTER_DAYS', RESTORABLE_DAYS),
    limit: read.integer('PURGE_LIMIT', 1_000),
  }));
  if (config.afterDays < RESTORABLE_DAYS)
    throw new Error(`bad configuration:\n  PURGE_AFTER_DAYS is less than ${RESTORABLE_DAYS}: ${config.afterDays}`);
  return config;
};
