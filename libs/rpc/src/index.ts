export { createClient, type ClientOptions } from './client.ts';
export { bind, type BoundService, type Client, type DeepPartial, type Handlers, type ServiceDefinition } from './definition.ts';
export type { Limits } from './limits.ts';
export { createLog } from './log.ts';
export { createMetrics, type MetricsRegistry } from './metrics.ts';
export { startServer, type RunningServer, type ServerOptions } from './server.ts';
export { createSigner, generateKeyring, serviceToken, type Keyring, type Signer } from './signer.ts';
export { encodeStatus, statusOf } from './status.ts';
export { createVerifier, type Verifier } from './verifier.ts';
