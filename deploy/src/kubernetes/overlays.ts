import { TOPOLOGY, type ServiceName } from '../topology.ts';
import type { Variables } from './configuration.ts';

/** What differs between stages. Addresses, accounts and registries are examples: each installation puts in its own. */
export interface Overlay {
  readonly name: 'local' | 'staging' | 'production';
  /** In place of the base's; empty for absent. */
  readonly common: Variables;
  readonly jobs: Variables;
  /** Prefix and tag of the images. */
  readonly registry: string;
  readonly tag: string;
  readonly pods: { readonly min: number; readonly max: number };
  /** Whether pods that cannot be spread over the zones stay away. */
  readonly strictZones: boolean;
  /** Absent: the engines run in the namespace. */
  readonly aws?: Aws;
}

export interface Aws {
  /** Role of a service account. */
  readonly roleOf: (name: string) => string;
  /** Ranges of addresses at which DynamoDB and STS answer. */
  readonly apis: readonly string[];
  /** Those of the cache's subnets. */
  readonly cache: readonly string[];
}

const LOCAL_AWS: Variables = {
  DYNAMODB_ENDPOINT: 'http://dynamodb:8000',
  AWS_ACCESS_KEY_ID: 'plaza',
  AWS_SECRET_ACCESS_KEY: 'local',
};

export const OVERLAYS: readonly Overlay[] = [
  {
    name: 'local',
    common: {
      ...LOCAL_AWS,
      NATS_URL: 'nats://nats:4222',
      NATS_REPLICAS: '1',
      ALLOW_PLAINTEXT: 'true',
      TLS_CERT_FILE: '',
      TLS_KEY_FILE: '',
      TLS_CA_FILE: '',
      REFLECTION: 'true',
      CREATE_TABLES: 'true',
      OTEL_EXPORTER_OTLP_ENDPOINT: '',
    },
    jobs: { ...LOCAL_AWS, TLS_CERT_FILE: '', TLS_KEY_FILE: '', TLS_CA_FILE: '' },
    registry: 'plaza',
    tag: 'dev',
    pods: { min: 1, max: 2 },
    strictZones: false,
  },
  {
    name: 'staging',
    common: { REFLECTION: 'true', OTEL_TRACES_SAMPLER_ARG: '1' },
    jobs: {},
    registry: 'registry.example.com/plaza',
    tag: '0.1.0',
    pods: { min: 2, max: 4 },
    strictZones: false,
    aws: {
      roleOf: (name) => `arn:aws:iam::111122223333:role/plaza-staging-${name}`,
      apis: ['10.1.0.0/16'],
      cache: ['10.1.0.0/16'],
    },
  },
  {
    name: 'production',
    common: {},
    jobs: {},
    registry: 'registry.example.com/plaza',
    tag: '0.1.0',
    pods: { min: 3, max: 24 },
    strictZones: true,
    aws: {
      roleOf: (name) => `arn:aws:iam::444455556666:role/plaza-production-${name}`,
      apis: ['10.0.0.0/16'],
      cache: ['10.0.0.0/16'],
    },
  },
];

/** The images that run in pods: one a service, and one for the jobs. */
export const IMAGES: readonly (ServiceName | 'deploy')[] = [...new Set(TOPOLOGY.map(({ service }) => service)), 'deploy'];
