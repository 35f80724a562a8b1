import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IContainer, IEnvVar, IService, IVolume } from 'kubernetes-models/v1';

import { labels, metadata, NAME, selector } from './names.ts';
import { CONTAINER_SECURITY, podSecurity } from './pod.ts';

export type EngineName = 'dynamodb' | 'redis' | 'nats';

/** An engine in the cluster itself, for the local overlay. What it holds goes with its pod. */
export interface EnginePod {
  readonly name: EngineName;
  /** As in docker-compose.yml. */
  readonly image: string;
  readonly port: number;
  readonly user: number;
  readonly args: readonly string[];
  readonly env?: IEnvVar[];
  readonly writes: readonly string[];
  /** Folder → Secret that holds its users. */
  readonly secret?: { readonly mountPath: string; readonly name: string };
}

export const ENGINES: readonly EnginePod[] = [
  {
    name: 'dynamodb',
    image: 'amazon/dynamodb-local:3.3.1',
    port: 8000,
    user: 1000,
    args: ['-jar', 'DynamoDBLocal.jar', '-inMemory', '-disableTelemetry'],
    // Where Java unpacks its native SQLite.
    writes: ['/tmp'],
  },
  {
    name: 'redis',
    image: 'redis:8-bookworm',
    port: 6379,
    user: 999,
    args: ['redis-server', '--save', '', '--appendonly', 'no', '--aclfile', '/etc/redis/users.acl'],
    writes: ['/data'],
    secret: { mountPath: '/etc/redis', name: 'redis-users' },
  },
  {
    name: 'nats',
    image: 'nats:2.12-alpine',
    port: 4222,
    user: 1000,
    args: ['-c', '/etc/nats/nats.conf'],
    env: [{ name: 'NATS_SERVER_NAME', value: 'nats' }],
    writes: ['/data'],
    secret: { mountPath: '/etc/nats', name: 'nats-config' },
  },
];

export const engineDeployment = (engine: EnginePod): IDeployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadata(engine.name),
  spec: {
    replicas: 1,
    selector: selector(engine.name),
    // Never two of them: each would hold half of the truth.
    strategy: { type: 'Recreate' },
    template: {
      metadata: { labels: labels(engine.name) },
      spec: { ...podSecurity(engine.user), containers: [containerOf(engine)], volumes: volumesOf(engine) },
    },
  },
});

const containerOf = ({ name, image, port, args, env, writes, secret }: EnginePod): IContainer => ({
  name,
  image,
  args: [...args],
  ...(env && { env }),
  ports: [{ name, containerPort: port }],
  readinessProbe: { tcpSocket: { port: name }, periodSeconds: 2 },
  resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
  ...CONTAINER_SECURITY,
  volumeMounts: [
    ...writes.map((mountPath, index) => ({ name: `writes-${index}`, mountPath })),
    ...(secret ? [{ name: 'users', mountPath: secret.mountPath, readOnly: true }] : []),
  ],
});

const volumesOf = ({ writes, secret }: EnginePod): IVolume[] => [
  ...writes.map((_, index) => ({ name: `writes-${index}`, emptyDir: {} })),
  ...(secret ? [{ name: 'users', secret: { secretName: secret.name, defaultMode: 0o440 } }] : []),
];

export const engineService = ({ name, port }: EnginePod): IService => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata(name),
  spec: { clusterIP: 'None', selector: { [NAME]: name }, ports: [{ name, port, targetPort: name }] },
});
