import { readConfig, readServiceConfig, type Env, type ServiceConfig } from '@plaza/core';

export interface ProductConfig extends ServiceConfig {
  readonly userAddress: string;
  /** ISO 4217 code of the one currency that prices are in. Changing it hides what was listed in the old one. */
  readonly currency: string;
}

export const loadConfig = (env: Env): ProductConfig =>
  readConfig(env, (read) => ({
    ...readServiceConfig(read),
    userAddress: read.address('USER_ADDRESS'),
    currency: read.text('CURRENCY', 'EUR'),
  }));
