import type { Tls } from '@plaza/core';

import type { Endpoints } from '../engines/engine.ts';
import { asItself } from '../security/local-users.ts';
import type { Keyring } from './keys.ts';
import { serviceOf, type ProcessName, type ServiceName } from './names.ts';

export interface ServiceEnvOptions {
  readonly name: ProcessName;
  readonly endpoints: Endpoints;
  readonly namespace: string;
  readonly keyring: Keyring;
  readonly pageSecret: string;
  readonly port: number;
  readonly adminPort: number;
  /** Where each service is reached by its peers. */
  readonly addresses: Readonly<Record<ServiceName, string>>;
  /** Absent: plaintext. */
  readonly tls?: Tls | undefined;
  readonly logLevel?: string;
  /** Multiplies the limits of all callers; 0, the default, lets them call as often as they like. */
  readonly rateLimits?: number;
}

/** The whole environment of one of our processes, on one machine. */
export const serviceEnv = (options: ServiceEnvOptions): Record<string, string> => {
  const { name, namespace, addresses, keyring, tls } = options;
  const endpoints = asItself(name, { ...options.endpoints, namespace });
  const service = serviceOf(name);
  return {
    LISTEN: `127.0.0.1:${options.port}`,
    ADMIN_LISTEN: `127.0.0.1:${options.adminPort}`,
    NAMESPACE: namespace,
    REFLECTION: 'true',
    CREATE_TABLES: 'true',
    LOG_LEVEL: options.logLevel ?? 'info',
    DYNAMODB_ENDPOINT: endpoints.dynamodbEndpoint,
    REDIS_URL: endpoints.redisUrl,
    NATS_URL: endpoints.natsUrl,
    NATS_CREDS_FILE: endpoints.natsCredsFile,
    AWS_REGION: 'us-east-1',
    // DynamoDB Local keeps a database per access key, works them side by side, and takes letters and digits only.
    AWS_ACCESS_KEY_ID: service.replaceAll('-', ''),
    AWS_SECRET_ACCESS_KEY: 'local',
    SIGNING_KEY: keyring.signingKeys[service] ?? '',
    VERIFY_KEYS: JSON.stringify(keyring.verifyKeys),
    PAGE_SECRET: options.pageSecret,
    RATE_LIMITS: String(options.rateLimits ?? 0),
    USER_ADDRESS: addresses.user,
    PRODUCT_ADDRESS: addresses.product,
    ORDER_ADDRESS: addresses.order,
    GRAPH_ADDRESS: addresses['social-graph'],
    FEED_ADDRESS: addresses.feed,
    ...(tls && { TLS_CERT_FILE: tls.certFile, TLS_KEY_FILE: tls.keyFile, TLS_CA_FILE: tls.caFile }),
    ...(name === 'feed-worker' && { WORKER: 'true' }),
  };
};
