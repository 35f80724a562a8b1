import { readConfig, readServiceConfig, type Env, type ServiceConfig } from '@plaza/core';

export interface ProductConfig extends ServiceConfig {
  readonly userAddress: string;
  /** Multiplies the limits that the protos declare, a whole number; 0 lifts them. */
  readonly rateLimits: number;
}

export const loadConfig = (env: Env): ProductConfig =>
  readConfig(env, (read) => ({
    ...readServiceConfig(read),
    userAddress: read.address('USER_ADDRESS'),
    rateLimits: read.integer('RATE_LIMITS', 1, 0),
  }));
