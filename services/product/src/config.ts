import { readConfig, readServiceConfig, type Env, type ServiceConfig } from '@plaza/core';

export interface ProductConfig extends ServiceConfig {
  readonly userAddress: string;
}

export const loadConfig = (env: Env): ProductConfig =>
  readConfig(env, (read) => ({
    ...readServiceConfig(read),
    userAddress: read.address('USER_ADDRESS'),
  }));
