import type { ILabelSelector } from '@kubernetes-models/apimachinery/apis/meta/v1/LabelSelector';
import type { INetworkPolicy, INetworkPolicyPeer } from 'kubernetes-models/networking.k8s.io/v1';

import { NAMESPACE } from '../../src/kubernetes/names.ts';

/** One end of a connection: a pod somewhere, or an address outside of the cluster. */
export interface End {
  readonly labels: Record<string, string>;
  readonly namespace: Record<string, string>;
  readonly address?: string;
}

export const inPlaza = (labels: Record<string, string>): End => ({
  labels,
  namespace: { 'kubernetes.io/metadata.name': NAMESPACE },
});

type Selector = Pick<ILabelSelector, 'matchLabels' | 'matchExpressions'>;

/** Whether the policies let a connection through, at both of its ends, as the network's specification says. */
export const mayConnect = (policies: readonly INetworkPolicy[], from: End, to: End, port: number): boolean =>
  allowed(policies, 'Egress', from, to, port) && allowed(policies, 'Ingress', to, from, port);

const allowed = (policies: readonly INetworkPolicy[], way: 'Ingress' | 'Egress', at: End, other: End, port: number): boolean => {
  // Policies of our namespace say nothing about pods elsewhere.
  if (at.namespace['kubernetes.io/metadata.name'] !== NAMESPACE) return true;
  const about = policies.filter(({ spec }) => spec!.policyTypes!.includes(way) && matches(spec!.podSelector!, at.labels));
  if (about.length === 0) return true;
  return about.some(({ spec }) =>
    (way === 'Ingress' ? (spec!.ingress ?? []) : (spec!.egress ?? [])).some((rule) => {
      const peers = ('from' in rule ? rule.from : 'to' in rule ? rule.to : undefined) as INetworkPolicyPeer[] | undefined;
      const throughPort = rule.ports === undefined || rule.ports.some((one) => one.port === port);
      // No peers at all means everybody, as the specification has it.
      return throughPort && (!peers?.length || peers.some((peer) => isPeer(peer, other)));
    }),
  );
};

const isPeer = ({ ipBlock, namespaceSelector, podSelector }: INetworkPolicyPeer, end: End): boolean => {
  if (ipBlock) return end.address !== undefined && within(ipBlock.cidr, end.address);
  if (end.address !== undefined) return false;
  const home = namespaceSelector
    ? matches(namespaceSelector, end.namespace)
    : end.namespace['kubernetes.io/metadata.name'] === NAMESPACE;
  return home && (!podSelector || matches(podSelector, end.labels));
};

const matches = ({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Record<string, string>): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every(({ key, operator, values }) => {
    if (operator !== 'In') throw new Error(`${operator} is not used`);
    return values!.includes(labels[key] ?? '');
  });

const within = (cidr: string, address: string): boolean => {
  const [network = '', bits = '32'] = cidr.split('/');
  const shift = 32 - Number(bits);
  return number(network) >> BigInt(shift) === number(address) >> BigInt(shift);
};

const number = (address: string): bigint => address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
