import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IContainer, IEnvVar, IPodSpec, IProbe } from 'kubernetes-models/v1';

import { defaultLimits } from '@plaza/rpc';

import { PORTS, type Process } from '../topology.ts';
import { NATS_FOLDER, SECRET_VARIABLES, TLS_FOLDER } from './configuration.ts';
import { labels, metadata, secretsOf, selector } from './names.ts';
import { CONTAINER_SECURITY, podSecurity } from './pod.ts';
import { resourcesOf } from './sizes.ts';

/** Seconds in which everybody hears that the pod goes, before it stops taking calls. */
const PRE_STOP_S = 5;
/** Seconds for what is closed after the last call: consumers, the relay, connections. */
const CLOSE_S = 15;
const GRACE_S = PRE_STOP_S + Math.ceil(defaultLimits.drainMs / 1_000) + CLOSE_S;

export const deployment = (process: Process): IDeployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadata(process.name),
  // How many there are is the autoscaler's to say.
  spec: {
    revisionHistoryLimit: 5,
    selector: selector(process.name),
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: { metadata: { labels: labels(process.name) }, spec: podOf(process) },
  },
});

const podOf = (process: Process): IPodSpec => ({
  serviceAccountName: process.name,
  ...podSecurity(),
  terminationGracePeriodSeconds: GRACE_S,
  topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: selector(process.name),
    // Else the pods of the version before count, and a rollout ends lopsided.
    matchLabelKeys: ['pod-template-hash'],
  })),
  containers: [containerOf(process)],
  volumes: [
    { name: 'tls', secret: { secretName: secretsOf(process.service).tls, defaultMode: 0o440 } },
    { name: 'nats', secret: { secretName: secretsOf(process.service).nats, defaultMode: 0o440 } },
  ],
});

const containerOf = (process: Process): IContainer => ({
  name: process.name,
  image: `plaza/${process.service}`,
  args: [process.entry],
  ports: Object.entries(PORTS).map(([name, containerPort]) => ({ name, containerPort })),
  envFrom: ['plaza-config', `${process.name}-config`].map((name) => ({ configMapRef: { name } })),
  env: SECRET_VARIABLES.map((name) => fromSecret(secretsOf(process.name).environment, name)),
  resources: resourcesOf(process.name),
  ...CONTAINER_SECURITY,
  // A minute for the first answer. Only then do the other two begin.
  startupProbe: probe('readiness', { periodSeconds: 2, failureThreshold: 30 }),
  readinessProbe: probe('readiness', { periodSeconds: 5, failureThreshold: 2 }),
  // It asks for nothing but the process itself: an engine that is away is no reason to start again.
  livenessProbe: probe('liveness', { periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 5 }),
  lifecycle: { preStop: { sleep: { seconds: PRE_STOP_S } } },
  volumeMounts: [
    // Whole folders: a renewed certificate appears in them, and is read without a restart.
    { name: 'tls', mountPath: TLS_FOLDER, readOnly: true },
    { name: 'nats', mountPath: NATS_FOLDER, readOnly: true },
  ],
});

export const fromSecret = (secret: string, name: string): IEnvVar => ({
  name,
  valueFrom: { secretKeyRef: { name: secret, key: name } },
});

const probe = (service: 'liveness' | 'readiness', timing: Partial<IProbe>): IProbe => ({
  grpc: { port: PORTS.health, service },
  timeoutSeconds: 2,
  ...timing,
});
