import { readConfig, readServiceConfig, type Env, type ServiceConfig } from '@plaza/core';

export interface FeedConfig extends ServiceConfig {
  readonly userAddress: string;
  readonly productAddress: string;
  readonly graphAddress: string;
  /** Multiplies the limits that the protos declare, a whole number; 0 lifts them. */
  readonly rateLimits: number;
}

/** Service and worker read the same environment. */
export const loadConfig = (env: Env): FeedConfig =>
  readConfig(env, (read) => ({
    ...readServiceConfig(read),
    userAddress: read.address('USER_ADDRESS'),
    productAddress: read.address('PRODUCT_ADDRESS'),
    graphAddress: read.address('GRAPH_ADDRESS'),
    rateLimits: read.integer('RATE_LIMITS', 1, 0),
  }));
