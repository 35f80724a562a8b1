import type { Context, Log, Metrics } from '@plaza/core';
import type { ClientOptions } from '@plaza/rpc';

/** Where a service is and as whom it is called. */
export interface PeerOptions {
  /** host:port of the service, or a grpc target. */
  readonly address: string;
  /** The token to call with; `serviceToken(signer)` in a service. */
  readonly token: (ctx: Context) => string | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Definitions hold the rest: time budgets, and which methods may be repeated. */
export const clientOptions = ({ address, token, log, metrics }: PeerOptions): ClientOptions => ({
  target: address,
  token,
  log,
  metrics,
});
