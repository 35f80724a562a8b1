import { readConfig, readServiceConfig, type Env, type ServiceConfig } from '@plaza/core';

export interface OrderConfig extends ServiceConfig {
  readonly userAddress: string;
  readonly productAddress: string;
  /** Multiplies the limits that the protos declare, a whole number; 0 lifts them. */
  readonly rateLimits: number;
  /** How long a buyer can take back that a purchase is shared before anybody sees it, in milliseconds. */
  readonly shareDelayMs: number;
}

export const loadConfig = (env: Env): OrderConfig =>
  readConfig(env, (read) => ({
    ...readServiceConfig(read),
    userAddress: read.address('USER_ADDRESS'),
    productAddress: read.address('PRODUCT_ADDRESS'),
    rateLimits: read.integer('RATE_LIMITS', 1, 0),
    shareDelayMs: read.integer('SHARE_DELAY_S', 1800, 0) * 1000,
  }));
