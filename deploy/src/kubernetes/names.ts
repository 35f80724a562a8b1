import type { Process, ServiceName } from '../topology.ts';

/** One namespace holds one Plaza, and nothing else: its policies are for all that is in it. */
export const NAMESPACE = 'plaza';

export const NAME = 'app.kubernetes.io/name';
export const PART_OF = { 'app.kubernetes.io/part-of': 'plaza' } as const;

/** Namespaces with this label hold gateways, which bring the calls of the outside. */
export const GATEWAY = { 'plaza/gateway': 'true' } as const;
/** Where Prometheus and the OpenTelemetry collector live. */
export const MONITORING = { 'kubernetes.io/metadata.name': 'monitoring' } as const;

export const metadata = (name: string) => ({ name, namespace: NAMESPACE, labels: labels(name) });

export const labels = (name: string) => ({ [NAME]: name, ...PART_OF });

export const selector = (name: string) => ({ matchLabels: { [NAME]: name } });

/** Secrets that an installation brings along; `npm run credentials` writes what is in them. */
export const secretsOf = (name: Process['name'] | ServiceName | 'operator') => ({
  environment: name,
  tls: `${name}-tls`,
  nats: `${name}-nats`,
});
