import { PORTS, variablesOf, type Process } from '../topology.ts';

export type Variables = Readonly<Record<string, string>>;

export const TLS_FOLDER = '/etc/plaza/tls';
export const NATS_FOLDER = '/etc/plaza/nats';

/** What all six processes have in common, as it is unless an overlay says otherwise. An empty value counts as absent. */
export const COMMON: Variables = {
  LISTEN: `0.0.0.0:${PORTS.grpc}`,
  ADMIN_LISTEN: `0.0.0.0:${PORTS.admin}`,
  HEALTH_LISTEN: `0.0.0.0:${PORTS.health}`,
  // The kubelet and Prometheus speak no TLS to them; policies say who else may.
  PLAINTEXT_ADMIN: 'true',
  ALLOW_PLAINTEXT: 'false',
  TLS_CERT_FILE: `${TLS_FOLDER}/tls.crt`,
  TLS_KEY_FILE: `${TLS_FOLDER}/tls.key`,
  TLS_CA_FILE: `${TLS_FOLDER}/ca.crt`,
  NATS_URL: 'tls://nats.nats.svc:4222',
  NATS_CREDS_FILE: `${NATS_FOLDER}/nats.creds`,
  NATS_REPLICAS: '3',
  NAMESPACE: '',
  AWS_REGION: 'us-east-1',
  CREATE_TABLES: 'false',
  REFLECTION: 'false',
  LOG_LEVEL: 'info',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel-collector.monitoring.svc:4318',
  OTEL_TRACES_SAMPLER_ARG: '0.01',
};

/** Read from the process's Secret. VERIFY_KEYS holds public keys only, and comes with the rest. */
export const SECRET_VARIABLES = ['SIGNING_KEY', 'VERIFY_KEYS', 'PAGE_SECRET', 'REDIS_URL'] as const;

/** Nobody sets them in a cluster; why. */
export const LEFT_ALONE: Readonly<Record<string, string>> = {
  CRASH_AT: 'for tests',
  DEV_ADMIN_TOKEN: 'for one machine',
  DYNAMODB_ENDPOINT: 'absent on AWS',
  AWS_ACCESS_KEY_ID: 'absent on AWS: the pod has an identity',
  TABLE_NAMES: 'for tables that were restored under another name',
  RATE_LIMITS: 'the limits that the protos declare',
  FOLLOW_LIMIT: 'the default is the product',
  SHARE_DELAY_S: 'the default is the product',
  TABLES: 'a job makes all of them',
  DRY_RUN: 'for who looks before',
  PURGE_AFTER_DAYS: 'the default is the promise',
  PURGE_LIMIT: 'the default is enough for a night',
};

/** A headless Service's name gives the addresses of all its pods, over which a client goes round. */
export const ADDRESSES: Variables = {
  USER_ADDRESS: `user:${PORTS.grpc}`,
  PRODUCT_ADDRESS: `product:${PORTS.grpc}`,
  ORDER_ADDRESS: `order:${PORTS.grpc}`,
  GRAPH_ADDRESS: `social-graph:${PORTS.grpc}`,
  FEED_ADDRESS: `feed:${PORTS.grpc}`,
};

/** Without a CPU limit Node would count the machine's cores: each worker hashes with 19 MiB, and takes a core while it does. */
const OWN: Variables = { HASH_WORKERS: '2' };

export const ownConfig = (process: Pick<Process, 'loadConfig'>): Variables => {
  const read = variablesOf(process);
  return Object.fromEntries(Object.entries({ ...ADDRESSES, ...OWN }).filter(([name]) => read.includes(name)));
};
