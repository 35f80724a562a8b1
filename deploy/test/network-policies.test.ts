import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { describe, expect, test } from 'vitest';

import { JOBS } from '../src/kubernetes/jobs.ts';
import { labels } from '../src/kubernetes/names.ts';
import { peersOf, PORTS, TOPOLOGY } from '../src/topology.ts';
import { ofKind } from './kubernetes/cluster.ts';
import { render } from './kubernetes/render.ts';
import { inPlaza, mayConnect, type End } from './kubernetes/traffic.ts';

const PROCESSES = TOPOLOGY.map(({ name }) => name);
const PODS = [...PROCESSES, ...JOBS.map(({ name }) => name)];
const ENGINES = { dynamodb: 8000, redis: 6379, nats: 4222 };

describe.each(['local', 'staging', 'production'])('the overlay %s', (stage) => {
  const policies = ofKind<INetworkPolicy>(render(`overlays/${stage}`), 'NetworkPolicy');
  const may = (from: End, to: End, port: number) => mayConnect(policies, from, to, port);

  test('a process reaches exactly the services whose clients it builds', () => {
    const real = TOPOLOGY.flatMap((process) => peersOf(process).map((peer) => `${process.name} → ${peer}`));
    const allowed = PROCESSES.flatMap((from) =>
      PROCESSES.filter((to) => to !== from && may(pod(from), pod(to), PORTS.grpc)).map((to) => `${from} → ${to}`),
    );
    expect(allowed.toSorted()).toEqual(real.toSorted());
  });

  test('a job reaches the services that it calls', () => {
    for (const { name, peers } of JOBS)
      expect(PROCESSES.filter((to) => may(pod(name), pod(to), PORTS.grpc)).toSorted()).toEqual(peers.toSorted());
  });

  test('a pod that nobody knows reaches nothing and is reached by nobody', () => {
    for (const name of PODS) {
      expect(may(stranger, pod(name), PORTS.grpc)).toBe(false);
      expect(may(pod(name), stranger, PORTS.grpc)).toBe(false);
    }
    expect(may(stranger, outside('1.1.1.1'), 443)).toBe(false);
    expect(may(elsewhere('default'), stranger, PORTS.grpc)).toBe(false);
  });

  test('of the outside only a gateway calls services, and none calls the worker', () => {
    const gateway = elsewhere('ingress', { 'plaza/gateway': 'true' });
    expect(PROCESSES.filter((to) => may(gateway, pod(to), PORTS.grpc))).toEqual([
      'user',
      'product',
      'order',
      'social-graph',
      'feed',
    ]);
    expect(PROCESSES.filter((to) => may(elsewhere('default'), pod(to), PORTS.grpc))).toEqual([]);
    expect(PROCESSES.filter((to) => may(gateway, pod(to), PORTS.admin))).toEqual([]);
  });

  test('only monitoring looks at the admin ports, and only its collector hears of traces', () => {
    expect(PROCESSES.filter((to) => may(elsewhere('monitoring'), pod(to), PORTS.admin))).toEqual(PROCESSES);
    expect(PROCESSES.filter((to) => may(pod('feed'), pod(to), PORTS.admin))).toEqual([]);
    const collector = elsewhere('monitoring', {}, { 'app.kubernetes.io/name': 'otel-collector' });
    expect(PODS.filter((from) => may(pod(from), collector, 4318))).toEqual(PROCESSES);
    expect(PODS.filter((from) => may(pod(from), elsewhere('monitoring'), 4318))).toEqual([]);
  });

  test('processes reach their engines, jobs only what they need, and nobody the rest of the world', () => {
    const engine = (name: keyof typeof ENGINES): [End, number] =>
      stage === 'local' ? [pod(name), ENGINES[name]] : ON_AWS[name](stage);
    const reach = (name: keyof typeof ENGINES) => PODS.filter((from) => may(pod(from), ...engine(name)));
    expect(reach('dynamodb')).toEqual([...PROCESSES, 'create-tables']);
    expect(reach('redis')).toEqual(PROCESSES);
    expect(reach('nats')).toEqual(PROCESSES);
    const ports = [80, 443, 4318, PORTS.grpc, ...Object.values(ENGINES)];
    expect(PODS.filter((from) => ports.some((port) => may(pod(from), outside('93.184.216.34'), port)))).toEqual([]);
  });

  test('everybody may ask for names', () => {
    const resolver = elsewhere('kube-system', {}, { 'k8s-app': 'kube-dns' });
    expect(PODS.filter((from) => may(pod(from), resolver, 53))).toEqual(PODS);
  });
});

const pod = (name: string): End => inPlaza(labels(name));
const stranger = inPlaza({ app: 'stranger' });
const outside = (address: string): End => ({ labels: {}, namespace: {}, address });
const elsewhere = (namespace: string, marks: Record<string, string> = {}, podLabels: Record<string, string> = {}): End => ({
  labels: podLabels,
  namespace: { 'kubernetes.io/metadata.name': namespace, ...marks },
});

/** Somewhere in the VPC, or in the namespace of NATS. */
const ON_AWS: Record<keyof typeof ENGINES, (stage: string) => [End, number]> = {
  dynamodb: (stage) => [outside(stage === 'staging' ? '10.1.7.9' : '10.0.7.9'), 443],
  redis: (stage) => [outside(stage === 'staging' ? '10.1.7.9' : '10.0.7.9'), 6379],
  nats: () => [elsewhere('nats'), 4222],
};
