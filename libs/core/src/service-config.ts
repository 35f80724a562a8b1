import type { EnvReader } from './config.ts';

/** What every service reads from its environment. */
export interface ServiceConfig {
  /** host:port of the gRPC server. */
  readonly listen: string;
  /** host:port of /metrics, /healthz and /statusz. */
  readonly adminListen: string;
  /** Plaintext off loopback is refused unless this says otherwise. */
  readonly allowPlaintext: boolean;
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
  readonly redisUrl: string;
  readonly natsUrl: string;
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
  reflection: read.flag('REFLECTION'),
  logLevel: read.text('LOG_LEVEL', 'info'),
  namespace: read.text('NAMESPACE', ''),
  createTables: read.flag('CREATE_TABLES'),
  dynamodbEndpoint: read.optional('DYNAMODB_ENDPOINT'),
  awsRegion: read.text('AWS_REGION', 'us-east-1'),
  awsAccessKeyId: read.optional('AWS_ACCESS_KEY_ID'),
  redisUrl: read.text('REDIS_URL'),
  natsUrl: read.text('NATS_URL'),
  signingKey: read.text('SIGNING_KEY'),
  verifyKeys: read.json('VERIFY_KEYS', publicKeys),
  pageSecret: read.text('PAGE_SECRET'),
  crashAt: read.optional('CRASH_AT'),
});

const publicKeys = (value: unknown): Record<string, string> => {
  if (typeof value !== 'object' || value === null || Object.values(value).some((key) => typeof key !== 'string'))
    throw new Error('expected an object of issuer → public key');
  return value as Record<string, string>;
};
