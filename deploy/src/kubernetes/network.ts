import type { INetworkPolicy, INetworkPolicyPeer, INetworkPolicyPort } from 'kubernetes-models/networking.k8s.io/v1';

import { peersOf, PORTS, TOPOLOGY, type Process, type ServiceName } from '../topology.ts';
import { JOBS } from './jobs.ts';
import { GATEWAY, metadata, MONITORING, NAME, selector } from './names.ts';

const OTLP_PORT = 4318;

/** Nobody talks to anybody, save who is named below. The kubelet's probes come from the pod's own node, which is always let in. */
export const defaultDeny: INetworkPolicy = policy('default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });

export const dns: INetworkPolicy = policy('dns', {
  podSelector: {},
  policyTypes: ['Egress'],
  egress: [
    {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ],
      ports: [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 53 },
      ],
    },
  ],
});

/** Who may call a process, and whom it calls: both ends of each edge are written, since both are denied by default. */
export const edges = (process: Process): INetworkPolicy => {
  const callers = callersOf(process);
  return policy(process.name, {
    podSelector: selector(process.name),
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      ...(process.name === process.service
        ? [{ from: [...callers.map(pods), { namespaceSelector: { matchLabels: GATEWAY } }], ports: [tcp(PORTS.grpc)] }]
        : []),
      { from: [{ namespaceSelector: { matchLabels: MONITORING } }], ports: [tcp(PORTS.admin)] },
    ],
    egress: [
      ...calls(peersOf(process)),
      {
        to: [
          {
            namespaceSelector: { matchLabels: MONITORING },
            podSelector: { matchLabels: { [NAME]: 'otel-collector' } },
          },
        ],
        ports: [tcp(OTLP_PORT)],
      },
    ],
  });
};

export const jobEdges = (name: string, peers: readonly ServiceName[]): INetworkPolicy =>
  policy(name, {
    podSelector: selector(name),
    policyTypes: ['Ingress', 'Egress'],
    egress: calls(peers),
  });

/** A rule without peers would let it call everybody. */
const calls = (peers: readonly ServiceName[]) => (peers.length === 0 ? [] : [{ to: peers.map(pods), ports: [tcp(PORTS.grpc)] }]);

const callersOf = ({ service }: Process): string[] => [
  ...TOPOLOGY.filter((other) => peersOf(other).includes(service)).map(({ name }) => name),
  ...JOBS.filter(({ peers }) => peers.includes(service)).map(({ name }) => name),
];

const pods = (name: string): INetworkPolicyPeer => ({ podSelector: selector(name) });

export const tcp = (port: number): INetworkPolicyPort => ({ protocol: 'TCP', port });

export function policy(name: string, spec: NonNullable<INetworkPolicy['spec']>): INetworkPolicy {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: metadata(name), spec };
}
