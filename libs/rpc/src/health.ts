import { Server } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

import { channelOptions, defaultLimits } from './limits.ts';
import { listenPlain } from './plain-listener.ts';

/** A question is one name. */
const QUESTION_BYTES = 1_024;

/** What grpc.health.v1 says, on every server of the process. */
export interface Health {
  addTo(server: Server): void;
  /** Whether calls are taken. */
  serving(): boolean;
  setServing(serving: boolean): void;
}

/**
 * "liveness" is SERVING as long as anybody answers: what else is away heals by itself or not at all, and killing the process
 * would heal neither. "readiness", "" and the services: from when the server listens until it drains. Engines and peers do not
 * count: with one of them away all replicas would leave at once, and so would the calls that can do without.
 */
export const createHealth = (services: readonly string[]): Health => {
  const names = ['', 'readiness', ...services];
  const said = new HealthImplementation({ liveness: 'SERVING' });
  let now = false;
  const setServing = (serving: boolean) => {
    now = serving;
    for (const name of names) said.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  };
  setServing(false);
  return { addTo: (server) => said.addToServer(server), serving: () => now, setServing };
};

/**
 * A plaintext server for probes, which speak no TLS: it has no other service. Whoever reaches it may ask, with no certificate or token,
 * so it is bounded as the real one is. @throws Error if the address is taken
 */
export const startProbes = async (address: string, health: Health): Promise<{ readonly port: number; close(): void }> => {
  const server = new Server({ ...channelOptions(defaultLimits, 0), 'grpc.max_receive_message_length': QUESTION_BYTES });
  health.addTo(server);
  const { port } = await listenPlain(server, address);
  return { port, close: () => server.forceShutdown() };
};
