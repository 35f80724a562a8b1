import { readConfig, readServiceConfig, type Env, type ServiceConfig } from '@plaza/core';

export interface GraphConfig extends ServiceConfig {
  readonly userAddress: string;
  /** How many one person may follow. */
  readonly followLimit: number;
}

export const loadConfig = (env: Env): GraphConfig =>
  readConfig(env, (read) => ({
    ...readServiceConfig(read),
    userAddress: read.address('USER_ADDRESS'),
    followLimit: read.integer('FOLLOW_LIMIT', 5_000),
  }));
