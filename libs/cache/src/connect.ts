import type { Log, Metrics } from '@plaza/core';

export interface Redis {
  readonly log: Log;
  readonly metrics: Metrics;
  /** Whether commands are sent at all just now. */
  up(): boolean;
  close(): Promise<void>;
}

export const connectRedis = (options: { url: string; log: Log; metrics: Metrics }): Redis => {
  throw new Error(`being built: ${options.url}`);
};
