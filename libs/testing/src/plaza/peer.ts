import { silentLog } from '@plaza/core';
import { bind, createMetrics, noLimits, startServer, type BoundService, type Handlers, type ServiceDefinition } from '@plaza/rpc';

import { testKeys } from './keys.ts';

export interface Peer {
  /** 127.0.0.1:port */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A real gRPC server with made-up handlers, standing in for a peer. Requests are validated and policies hold as in the
 * real one, because both come from the proto; it trusts `testKeys()`.
 */
export const startPeer = async (...services: BoundService[]): Promise<Peer> => {
  const server = await startServer({
    service: 'peer',
    listen: '127.0.0.1:0',
    adminListen: '127.0.0.1:0',
    allowPlaintext: false,
    reflection: false,
    services,
    verifier: testKeys().verifier,
    log: silentLog,
    metrics: createMetrics(),
    limiter: noLimits,
  });
  return { address: `127.0.0.1:${server.port}`, port: server.port, close: () => server.close() };
};

/** A stub that serves these methods only: any other one fails as a defect, so that a test that reaches it says so. */
export const bindSome = <D extends ServiceDefinition>(definition: D, handlers: Partial<Handlers<D>>): BoundService => {
  const missing = (name: string) => () => Promise.reject(new Error(`${definition.fullName}/${name} is not stubbed`));
  const stubs = Object.fromEntries(Object.keys(definition.methods).map((key) => [key, missing(key)]));
  return bind(definition, { ...stubs, ...handlers } as Handlers<D>);
};
