import type { ICronJob } from 'kubernetes-models/batch/v1';
import type { IPodSpec } from 'kubernetes-models/v1';

import type { ServiceName } from '../topology.ts';
import { ADDRESSES, COMMON, TLS_FOLDER, type Variables } from './configuration.ts';
import { fromSecret } from './deployment.ts';
import { labels, metadata, secretsOf } from './names.ts';
import { CONTAINER_SECURITY, podSecurity } from './pod.ts';
import { resourcesOf } from './sizes.ts';

export interface Job {
  readonly name: string;
  /** Absent: it runs when somebody says so, by `kubectl create job --from=cronjob/<name>`. */
  readonly schedule?: string;
  readonly peers: readonly ServiceName[];
  readonly tables: boolean;
  /** Claim whose files it reads, under /import. */
  readonly claim?: string;
  /** What it alone reads; whoever starts it says it anew where that is needed. */
  readonly variables?: Variables;
  readonly limitS: number;
}

const FILES = '/import';

export const JOBS: readonly Job[] = [
  { name: 'create-tables', peers: [], tables: true, limitS: 900 },
  {
    name: 'import',
    peers: ['user', 'social-graph', 'product'],
    tables: false,
    claim: 'import',
    variables: { IMPORT_DIR: FILES, IMPORT_NAME: 'first' },
    limitS: 86_400,
  },
  { name: 'purge', schedule: '17 3 * * *', peers: ['user'], tables: false, limitS: 3_600 },
];

/** One for all jobs: each variable is read by one of them. */
export const JOBS_CONFIG: Variables = Object.fromEntries(
  [
    'AWS_REGION',
    'NAMESPACE',
    'LOG_LEVEL',
    'TLS_CERT_FILE',
    'TLS_KEY_FILE',
    'TLS_CA_FILE',
    'USER_ADDRESS',
    'PRODUCT_ADDRESS',
    'GRAPH_ADDRESS',
  ].map((name) => [name, { ...COMMON, ...ADDRESSES }[name] ?? '']),
);

/** A Job can be applied once and never changed; a CronJob, if need be a suspended one, is the form that one is cut from. */
export const cronJob = (job: Job): ICronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: metadata(job.name),
  spec: {
    schedule: job.schedule ?? '0 0 1 1 *',
    suspend: job.schedule === undefined,
    timeZone: 'Etc/UTC',
    concurrencyPolicy: 'Forbid',
    jobTemplate: {
      metadata: { labels: labels(job.name) },
      spec: {
        backoffLimit: 3,
        activeDeadlineSeconds: job.limitS,
        ttlSecondsAfterFinished: 86_400,
        template: { metadata: { labels: labels(job.name) }, spec: podOf(job) },
      },
    },
  },
});

/** It calls services as an operator: with a certificate of its own, and an admin's token that it signs as the user service. */
const podOf = (job: Job): IPodSpec => {
  const calls = job.peers.length > 0;
  const mounts = [
    ...(calls ? [{ name: 'tls', mountPath: TLS_FOLDER, readOnly: true }] : []),
    ...(job.claim === undefined ? [] : [{ name: 'files', mountPath: FILES, readOnly: true }]),
  ];
  const volumes = [
    ...(calls ? [{ name: 'tls', secret: { secretName: secretsOf('operator').tls, defaultMode: 0o440 } }] : []),
    ...(job.claim === undefined ? [] : [{ name: 'files', persistentVolumeClaim: { claimName: job.claim, readOnly: true } }]),
  ];
  return {
    serviceAccountName: job.name,
    ...podSecurity(),
    restartPolicy: 'Never',
    containers: [
      {
        name: job.name,
        image: 'plaza/deploy',
        args: [`deploy/src/jobs/${job.name}/main.ts`],
        envFrom: [{ configMapRef: { name: 'jobs-config' } }],
        env: [
          ...Object.entries(job.variables ?? {}).map(([name, value]) => ({ name, value })),
          ...(calls ? [fromSecret(secretsOf('user').environment, 'SIGNING_KEY')] : []),
        ],
        resources: resourcesOf('job'),
        ...CONTAINER_SECURITY,
        ...(mounts.length > 0 && { volumeMounts: mounts }),
      },
    ],
    ...(volumes.length > 0 && { volumes }),
  };
};
