import { availableParallelism } from 'node:os';

import { readConfig, readServiceConfig, type Env, type ServiceConfig } from '@plaza/core';

export interface UserConfig extends ServiceConfig {
  readonly graphAddress: string;
  /** Passwords hashed at the same time. One core less than there are stays free for everything else. */
  readonly hashWorkers: number;
  /** Multiplies the limits that the protos declare, a whole number; 0 lifts them. */
  readonly rateLimits: number;
  /** Prints an admin token at the start. For development: refused unless LISTEN is a loopback address. */
  readonly devAdminToken: boolean;
}

export const loadConfig = (env: Env): UserConfig => {
  const config = readConfig(env, (read) => ({
    ...readServiceConfig(read),
    graphAddress: read.address('GRAPH_ADDRESS'),
    hashWorkers: read.integer('HASH_WORKERS', Math.max(1, availableParallelism() - 1)),
    rateLimits: read.integer('RATE_LIMITS', 1, 0),
    devAdminToken: read.flag('DEV_ADMIN_TOKEN'),
  }));
  if (config.devAdminToken && !isLoopback(config.listen))
    throw new Error(
      `bad configuration:\n  DEV_ADMIN_TOKEN is refused because LISTEN is not a loopback address: ${config.listen}`,
    );
  return config;
};

const isLoopback = (address: string): boolean => /^(127(\.\d{1,3}){3}|localhost|\[::1\]):\d+$/.test(address);
