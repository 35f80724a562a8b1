import type { Context, Log, Metrics } from '@plaza/core';

import type { Client, ServiceDefinition } from './definition.ts';

export interface ClientOptions {
  /** host:port, or any grpc target such as `dns:///orders:4000`. */
  readonly target: string;
  readonly token: (ctx: Context) => string | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

export const createClient = <D extends ServiceDefinition>(
  _definition: D,
  _options: ClientOptions,
): Client<D> & { close(): void } => {
  throw new Error('soon');
};
