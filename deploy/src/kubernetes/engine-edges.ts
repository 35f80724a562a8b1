import type { INetworkPolicy, INetworkPolicyPeer } from 'kubernetes-models/networking.k8s.io/v1';

import { TOPOLOGY } from '../topology.ts';
import { ENGINES, type EngineName } from './engines.ts';
import { JOBS } from './jobs.ts';
import { NAME, selector } from './names.ts';
import { policy, tcp } from './network.ts';
import type { Aws } from './overlays.ts';

const processes: readonly string[] = TOPOLOGY.map(({ name }) => name);

/** Who talks to an engine. */
export const CLIENTS: Readonly<Record<EngineName, readonly string[]>> = {
  dynamodb: [...processes, ...JOBS.filter(({ tables }) => tables).map(({ name }) => name)],
  redis: processes,
  nats: processes,
};

const clientsOf = (engine: EngineName) => ({ matchExpressions: [{ key: NAME, operator: 'In', values: [...CLIENTS[engine]] }] });

const egress = (engine: EngineName, to: readonly INetworkPolicyPeer[], port: number): INetworkPolicy =>
  policy(`to-${engine}`, {
    podSelector: clientsOf(engine),
    policyTypes: ['Egress'],
    egress: [{ to: [...to], ports: [tcp(port)] }],
  });

/** Engines in the namespace: both ends of each edge. */
export const localEngineEdges = (): INetworkPolicy[] =>
  ENGINES.flatMap(({ name, port }) => [
    egress(name, [{ podSelector: selector(name) }], port),
    policy(name, {
      podSelector: selector(name),
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: clientsOf(name) }], ports: [tcp(port)] }],
    }),
  ]);

/** Where EKS Pod Identity hands out credentials on every node. */
const POD_IDENTITY_AGENT = '169.254.170.23/32';

/** DynamoDB, STS and ElastiCache in the VPC, NATS in a namespace of its own. */
export const awsEngineEdges = ({ apis, cache }: Aws): INetworkPolicy[] => [
  egress('dynamodb', blocks(apis), 443),
  policy('to-pod-identity', {
    podSelector: clientsOf('dynamodb'),
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr: POD_IDENTITY_AGENT } }], ports: [tcp(80)] }],
  }),
  egress('redis', blocks(cache), 6379),
  egress('nats', [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'nats' } } }], 4222),
];

const blocks = (cidrs: readonly string[]) => cidrs.map((cidr) => ({ ipBlock: { cidr } }));
