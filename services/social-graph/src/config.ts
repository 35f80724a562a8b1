import { readConfig, readServiceConfig, type Env, type ServiceConfig } from '@plaza/core';

export interface GraphConfig extends ServiceConfig {
  readonly userAddress: string;
  /** How many one person may follow. */
  readonly followLimit: number;
  /** Multiplies the limits that the protos declare, a whole number; 0 lifts them. */
  readonly rateLimits: number;
}

export const loadConfig = (env: Env): GraphConfig =>
  readConfig(env, (read) => ({
    ...readServiceConfig(read),
    userAddress: read.address('USER_ADDRESS'),
    followLimit: read.integer('FOLLOW_LIMIT', 5_000),
    rateLimits: read.integer('RATE_LIMITS', 1, 0),
  }));
