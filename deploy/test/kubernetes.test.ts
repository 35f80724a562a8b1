import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { INamespace, IService, IServiceAccount } from 'kubernetes-models/v1';
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { describe, expect, test } from 'vitest';

import { defaultLimits } from '@plaza/rpc';

import { WORKER } from '../src/kubernetes/scaling.ts';
import { PORTS, TOPOLOGY } from '../src/topology.ts';
import { environmentOf, ofKind, podsOf, type Pod } from './kubernetes/cluster.ts';
import { render } from './kubernetes/render.ts';
import { validate } from './kubernetes/validate.ts';

describe.each(['local', 'staging', 'production'])('the overlay %s', (stage) => {
  const manifests = render(`overlays/${stage}`);
  const pods = podsOf(manifests);

  test.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    '%s is what its kind asks for',
    (_, manifest) => {
      expect(() => validate(manifest)).not.toThrow();
    },
  );

  test('every name stands once, all in the one namespace, and nobody gets rights in the cluster', () => {
    const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    const elsewhere = manifests.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'plaza');
    expect(elsewhere).toEqual([]);
    expect(manifests.filter(({ apiVersion }) => apiVersion.startsWith('rbac'))).toEqual([]);
  });

  test('the namespace admits restricted pods only, and each pod is one', () => {
    const [namespace] = ofKind<INamespace>(manifests, 'Namespace');
    expect(namespace!.metadata!.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    for (const pod of pods) expect(faultsOf(pod)).toEqual([]);
  });

  test('every process has its pods, and they run its entry with the code of its service', () => {
    for (const process of TOPOLOGY) {
      const { container } = podNamed(pods, process.name);
      expect(container.args).toEqual([process.entry]);
      expect(container.image).toMatch(new RegExp(`/${process.service}:[\\w.]+$`));
    }
  });

  test('images have a tag that stays what it is', () => {
    const tags = pods.map(({ container }) => container.image!.split(':')[1]);
    expect(tags).not.toContain(undefined);
    expect(tags).not.toContain('latest');
  });

  test('ports are the ones that the process listens on, and whoever names one finds it', () => {
    for (const process of TOPOLOGY) {
      const pod = podNamed(pods, process.name);
      expect(Object.fromEntries(pod.container.ports!.map(({ name, containerPort }) => [name, containerPort]))).toEqual(PORTS);
      expect(environmentOf(pod, manifests)).toMatchObject({
        LISTEN: `0.0.0.0:${PORTS.grpc}`,
        ADMIN_LISTEN: `0.0.0.0:${PORTS.admin}`,
        HEALTH_LISTEN: `0.0.0.0:${PORTS.health}`,
      });
      for (const probe of [pod.container.startupProbe, pod.container.readinessProbe, pod.container.livenessProbe])
        expect(probe!.grpc!.port).toBe(PORTS.health);
    }
    for (const { spec } of ofKind<IService>(manifests, 'Service')) {
      const ports = podNamed(pods, spec!.selector!['app.kubernetes.io/name']!).container.ports!;
      for (const { port, targetPort } of spec!.ports!)
        expect(ports.find(({ name }) => name === targetPort)!.containerPort).toBe(port);
    }
  });

  test('liveness asks the process alone; start and readiness ask whether it can serve', () => {
    for (const { name } of TOPOLOGY) {
      const { container } = podNamed(pods, name);
      expect(container.livenessProbe!.grpc!.service).toBe('liveness');
      expect(container.startupProbe!.grpc!.service).toBe('readiness');
      expect(container.readinessProbe!.grpc!.service).toBe('readiness');
    }
  });

  test('a pod that goes has time to be forgotten, to drain and to close', () => {
    for (const { name } of TOPOLOGY) {
      const { spec, container } = podNamed(pods, name);
      const forgotten = container.lifecycle!.preStop!.sleep!.seconds;
      expect(forgotten).toBeGreaterThanOrEqual(5);
      expect(spec.terminationGracePeriodSeconds!).toBeGreaterThan(forgotten + defaultLimits.drainMs / 1_000 + 5);
    }
  });

  test('each service is found by the addresses of its pods; the worker takes no calls', () => {
    const services = ofKind<IService>(manifests, 'Service').filter(({ metadata }) =>
      TOPOLOGY.some(({ name }) => name === metadata!.name),
    );
    expect(services.map(({ metadata }) => metadata!.name)).toEqual(TOPOLOGY.map(({ name }) => name));
    for (const { metadata, spec } of services) {
      expect(spec!.clusterIP).toBe('None');
      expect(spec!.ports!.some(({ name }) => name === 'grpc')).toBe(metadata!.name !== WORKER);
    }
  });

  test('every selector finds pods', () => {
    const deployments = ofKind<IDeployment>(manifests, 'Deployment').map(({ spec }) => spec!.selector.matchLabels!);
    const budgets = ofKind<IPodDisruptionBudget>(manifests, 'PodDisruptionBudget').map(
      ({ spec }) => spec!.selector!.matchLabels!,
    );
    const services = ofKind<IService>(manifests, 'Service').map(({ spec }) => spec!.selector!);
    for (const wanted of [...deployments, ...budgets, ...services])
      expect(pods.filter(({ labels }) => Object.entries(wanted).every(([key, value]) => labels[key] === value))).toHaveLength(1);
  });

  test('every process is scaled by what it is short of, and one pod at a time may be taken away', () => {
    for (const { name } of TOPOLOGY) {
      const scaler = ofKind<IHorizontalPodAutoscaler>(manifests, 'HorizontalPodAutoscaler').find(
        ({ metadata }) => metadata!.name === name,
      )!;
      expect(scaler.spec!.scaleTargetRef).toMatchObject({ kind: 'Deployment', name });
      expect(scaler.spec!.minReplicas!).toBeLessThan(scaler.spec!.maxReplicas);
      expect(scaler.spec!.metrics!.map(({ type }) => type)).toEqual([name === WORKER ? 'External' : 'Resource']);
      const budget = ofKind<IPodDisruptionBudget>(manifests, 'PodDisruptionBudget').find(
        ({ metadata }) => metadata!.name === name,
      )!;
      expect(budget.spec!.maxUnavailable).toBe(1);
      // Two numbers of pods would fight each other.
      expect(
        ofKind<IDeployment>(manifests, 'Deployment').find(({ metadata }) => metadata!.name === name)!.spec!.replicas,
      ).toBeUndefined();
    }
  });

  test('requests are within the limits', () => {
    for (const { container } of pods) {
      const { requests, limits } = container.resources!;
      expect(mebibytes(requests!['memory'])).toBeLessThanOrEqual(mebibytes(limits!['memory']));
      expect(requests!['cpu']).toMatch(/^\d+m$/);
    }
  });

  test('pods are spread over zones and machines', () => {
    for (const { name } of TOPOLOGY) {
      const spread = podNamed(pods, name).spec.topologySpreadConstraints!;
      expect(spread.map(({ topologyKey }) => topologyKey)).toEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname']);
      expect(spread[0]!.whenUnsatisfiable).toBe(stage === 'production' ? 'DoNotSchedule' : 'ScheduleAnyway');
    }
  });

  test('each pod has an account of its own, with a role at AWS where it reaches DynamoDB', () => {
    const accounts = ofKind<IServiceAccount>(manifests, 'ServiceAccount');
    for (const pod of pods.filter(({ name }) => !['dynamodb', 'redis', 'nats'].includes(name))) {
      const account = accounts.find(({ metadata }) => metadata!.name === pod.spec.serviceAccountName)!;
      expect(account.metadata!.name).toBe(pod.name);
      const hasRole = stage !== 'local' && !['import', 'purge'].includes(pod.name);
      const owner = stage === 'staging' ? '111122223333' : '444455556666';
      expect(account.metadata!.annotations).toEqual(
        hasRole ? { 'eks.amazonaws.com/role-arn': `arn:aws:iam::${owner}:role/plaza-${stage}-${pod.name}` } : undefined,
      );
    }
  });
});

test.each(['staging', 'production'])('in %s Prometheus scrapes the admin port of each process', (stage) => {
  const monitors = ofKind<IServiceMonitor>(render(`overlays/${stage}`), 'ServiceMonitor');
  expect(monitors.map(({ metadata }) => metadata!.name)).toEqual(TOPOLOGY.map(({ name }) => name));
  for (const { spec } of monitors) expect(spec.endpoints!.map(({ port }) => port)).toEqual(['admin']);
});

const podNamed = (pods: readonly Pod[], name: string): Pod => {
  const pod = pods.find((one) => one.name === name);
  if (!pod) throw new Error(`no pod ${name}`);
  return pod;
};

/** What the restricted pod security standard and ours find wrong, field by field. */
const faultsOf = ({ spec, container }: Pod): string[] => {
  const rules: Record<string, boolean> = {
    'runs as root': !spec.securityContext?.runAsNonRoot || !spec.securityContext.runAsUser,
    'no seccomp': spec.securityContext?.seccompProfile?.type !== 'RuntimeDefault',
    'has a token': spec.automountServiceAccountToken !== false,
    'sees other services': spec.enableServiceLinks !== false,
    'shares the host': Boolean(spec.hostNetwork || spec.hostPID || spec.hostIPC),
    'has more containers': spec.containers.length !== 1 || spec.initContainers !== undefined,
    'may escalate': container.securityContext?.allowPrivilegeEscalation !== false,
    privileged: container.securityContext?.privileged === true,
    'writes its root': container.securityContext?.readOnlyRootFilesystem !== true,
    'has capabilities': JSON.stringify(container.securityContext?.capabilities) !== '{"drop":["ALL"]}',
    'has host ports': Boolean(container.ports?.some(({ hostPort }) => hostPort !== undefined)),
    'mounts the host': Boolean(
      spec.volumes?.some(({ secret, emptyDir, persistentVolumeClaim }) => !secret && !emptyDir && !persistentVolumeClaim),
    ),
  };
  return Object.keys(rules).filter((fault) => rules[fault]);
};

const mebibytes = (quantity: string | number | undefined): number => {
  const [, number, unit] = /^(\d+)(Mi|Gi)$/.exec(String(quantity)) ?? [];
  return Number(number) * (unit === 'Gi' ? 1024 : 1);
};
