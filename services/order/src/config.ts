import { readConfig, readServiceConfig, type Env, type ServiceConfig } from '@plaza/core';

export interface OrderConfig extends ServiceConfig {
  readonly userAddress: string;
  readonly productAddress: string;
}

export const loadConfig = (env: Env): OrderConfig =>
  readConfig(env, (read) => ({
    ...readServiceConfig(read),
    userAddress: read.address('USER_ADDRESS'),
    productAddress: read.address('PRODUCT_ADDRESS'),
  }));
