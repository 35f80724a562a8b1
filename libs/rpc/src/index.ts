export { createClient, type ClientOptions } from './client.ts';
export { bind, type BoundService, type Client, type DeepPartial, type Handlers, type ServiceDefinition } from './definition.ts';
export type { Limits } from './limits.ts';
export { createLog } from './log.ts';
export { createMetrics, type MetricsRegistry } from './metrics.ts';
export { startServer, type RunningServer, type ServerOptions } from './server.ts';
export { encodeStatus } from './status.ts';
export {
  createSigner,
  createVerifier,
  generateKeyring,
  serviceToken,
  type Keyring,
  type Signer,
  type Verifier,
} from './tokens.ts';
