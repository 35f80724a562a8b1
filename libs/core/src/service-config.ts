import type { EnvReader } from './config.ts';

/** PEM files of a process: its own certificate and key, and the authority that signed everybody's. */
export interface Tls {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

/** What every service reads from its environment. */
export interface ServiceConfig {
  /** host:port of the gRPC server. */
  readonly listen: string;
  /** host:port of /metrics, /healthz and /statusz. */
  readonly adminListen: string;
  /** Plaintext off loopback is refused unless this says otherwise. */
  readonly allowPlaintext: boolean;
  /** host:port of a second grpc.health.v1, in plaintext, for probes, which speak no TLS. Absent: none beside the server's own. */
  readonly healthListen?: string | undefined;
  /** The admin and health ports may speak plaintext off loopback: neither takes a token. */
  readonly plaintextAdmin?: boolean;
  /** Absent: plaintext. */
  readonly tls?: Tls | undefined;
  readonly reflection: boolean;
  readonly logLevel: string;
  /** Prefix of tables, cache keys, streams and subjects; empty in production. */
  readonly namespace: string;
  readonly createTables: boolean;
  /** Absent on AWS. */
  readonly dynamodbEndpoint: string | undefined;
  readonly awsRegion: string;
  /** With an endpoint only: DynamoDB Local keeps one database per access key, and works them side by side. */
  readonly awsAccessKeyId?: string | undefined;
  /** Declared name of a table → its physical one, for those that were restored under another. */
  readonly tableNames?: Readonly<Record<string, string>>;
  readonly redisUrl: string;
  readonly natsUrl: string;
  /** A NATS credentials file: a user's JWT and its seed. Absent: whatever the URL says. */
  readonly natsCredsFile?: string | undefined;
  /** Copies of each stream that this service makes: 3 where NATS is a cluster. */
  readonly natsReplicas?: number;
  /** Where spans go, by OTLP over HTTP. Absent: they are not recorded. */
  readonly otlpEndpoint?: string | undefined;
  /** Share of the traces that begin here which are recorded, from 0 to 1; those that come along are as their beginner said. */
  readonly traceRatio?: number;
  /** Ed25519 private key of this service, PKCS 8 DER in base64url. */
  readonly signingKey: string;
  /** JSON: issuer → Ed25519 public key, SPKI DER in base64url. */
  readonly verifyKeys: Readonly<Record<string, string>>;
  readonly pageSecret: string;
  readonly crashAt: string | undefined;
}

export const readServiceConfig = (read: EnvReader): ServiceConfig => ({
  listen: read.address('LISTEN', '127.0.0.1:0'),
  adminListen: read.address('ADMIN_LISTEN', '127.0.0.1:0'),
  allowPlaintext: read.flag('ALLOW_PLAINTEXT'),
  healthListen: read.optional('HEALTH_LISTEN'),
  plaintextAdmin: read.flag('PLAINTEXT_ADMIN'),
  tls: readTls(read),
  reflection: read.flag('REFLECTION'),
  logLevel: read.text('LOG_LEVEL', 'info'),
  namespace: read.text('NAMESPACE', ''),
  createTables: read.flag('CREATE_TABLES'),
  dynamodbEndpoint: read.optional('DYNAMODB_ENDPOINT'),
  awsRegion: read.text('AWS_REGION', 'us-east-1'),
  awsAccessKeyId: read.optional('AWS_ACCESS_KEY_ID'),
  tableNames: read.json('TABLE_NAMES', namesOfTables, '{}'),
  redisUrl: read.text('REDIS_URL'),
  natsUrl: read.text('NATS_URL'),
  natsCredsFile: read.optional('NATS_CREDS_FILE'),
  natsReplicas: read.integer('NATS_REPLICAS', 1),
  otlpEndpoint: read.optional('OTEL_EXPORTER_OTLP_ENDPOINT'),
  traceRatio: read.ratio('OTEL_TRACES_SAMPLER_ARG', 1),
  signingKey: read.text('SIGNING_KEY'),
  verifyKeys: read.json('VERIFY_KEYS', publicKeys),
  pageSecret: read.text('PAGE_SECRET'),
  crashAt: read.optional('CRASH_AT'),
});

const readTls = (read: EnvReader): Tls | undefined => {
  if (!['TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CA_FILE'].some((name) => read.optional(name) !== undefined)) return undefined;
  return { certFile: read.text('TLS_CERT_FILE'), keyFile: read.text('TLS_KEY_FILE'), caFile: read.text('TLS_CA_FILE') };
};

const namesOfTables = (value: unknown): Record<string, string> => {
  if (typeof value !== 'object' || value === null || Object.values(value).some((name) => typeof name !== 'string'))
    throw new Error('expected an object of declared name → physical name');
  return value as Record<string, string>;
};

const publicKeys = (value: unknown): Record<string, string> => {
  if (typeof value !== 'object' || value === null || Object.values(value).some((key) => typeof key !== 'string'))
    throw new Error('expected an object of issuer → public key');
  return value as Record<string, string>;
};
