import type { Context, Log, Metrics, Tls } from '@plaza/core';
import type { ClientOptions } from '@plaza/rpc';

/** Where a service is and as whom it is called. */
export interface PeerOptions {
  /** host:port of the service, or a grpc target. */
  readonly address: string;
  /** The token to call with; `serviceToken(signer)` in a service. */
  readonly token: (ctx: Context) => string | undefined;
  /** Absent: plaintext. */
  readonly tls?: Tls | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Definitions hold the rest: time budgets, and which methods may be repeated. `service`: whose certificate is expected there. */
export const clientOptions = (
  { address, token, tls, log, metrics }: PeerOptions,
  service: string | undefined,
): ClientOptions => ({
  target: address,
  service,
  token,
  tls,
  log,
  metrics,
});
