import { noMetrics, type Context, type Tls } from '@plaza/core';
import { createClient, createSigner, dynamicDefinition } from '@plaza/rpc';

import type { Job } from './run-job.ts';

const TOKEN_MS = 15 * 60_000;

export interface Admin {
  /** Ed25519 private key of the user service, which alone vouches for admins. */
  readonly signingKey: string;
  readonly tls: Tls | undefined;
}

type Call<I, O> = (ctx: Context, request: I) => Promise<O>;

/** A service's RPCs by their names, called as an admin; requests and answers are proto3 JSON, as the files of an import are. */
export type AdminClient = {
  call<O>(ctx: Context, method: string, request: object): Promise<O>;
  close(): void;
};

/** Whom a job calls. */
export interface Peer {
  /** As its certificate names it. */
  readonly service: 'user' | 'product' | 'social-graph';
  /** Full name of the proto service. */
  readonly api: string;
  readonly address: string;
}

export const adminClient = ({ signingKey, tls }: Admin, { log }: Job, { service, api, address }: Peer): AdminClient => {
  const signer = createSigner({ issuer: 'user', signingKey });
  const token = () => signer.adminToken({ ttlMs: TOKEN_MS });
  const client = createClient(dynamicDefinition(api), { target: address, service, token, tls, log, metrics: noMetrics });
  const calls = client as unknown as Readonly<Record<string, Call<object, unknown>>>;
  return {
    call: <O>(ctx: Context, method: string, request: object) => calls[method]!(ctx, request) as Promise<O>,
    close: () => client.close(),
  };
};
