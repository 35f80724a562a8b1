import type { Log, Metrics } from '@plaza/core';

import type { Db } from '../db.ts';
import type { Faults } from '../faults.ts';

export interface ConnectOptions {
  /** Absent on AWS: region, credentials and endpoint then come from the SDK's default chain. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** Prefix of physical table names; empty for none. */
  readonly namespace: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly faults?: Faults | undefined;
  /** Used with an endpoint only. DynamoDB Local keeps one database per access key. Default `plaza`. */
  readonly accessKeyId?: string | undefined;
}

/** Connects to DynamoDB or DynamoDB Local. Lazy: it never fails here. */
export const connectDb = (_options: ConnectOptions): Db & { close(): void } => {
  throw new Error('not built yet');
};
