import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';

import type { ProcessName } from '../topology.ts';
import { metadata, selector } from './names.ts';

/** Of the CPU that a pod requests. */
const CPU_PERCENT = 70;
/** Messages that wait for one worker, which works off some hundred a second: the third comes before PlazaConsumerLag looks at its watch. */
const PENDING_EACH = 500;
export const PENDING_METRIC = 'events_consumer_pending';
export const WORKER: ProcessName = 'feed-worker';

export const autoscaler = (name: ProcessName): IHorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: metadata(name),
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: 2,
    maxReplicas: 10,
    metrics: [name === WORKER ? pending : cpu],
    // Up at once, down in peace: a queue that is empty for a moment says little.
    behavior: { scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
  },
});

const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: CPU_PERCENT } } };

const pending = {
  type: 'External',
  external: {
    metric: { name: PENDING_METRIC, selector: { matchLabels: { job: WORKER } } },
    target: { type: 'AverageValue', averageValue: String(PENDING_EACH) },
  },
};

/** One pod at a time may be taken away on purpose. */
export const disruptionBudget = (name: ProcessName): IPodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: metadata(name),
  // A pod that is not ready anyway may always go, or a broken rollout would hold up the nodes.
  spec: { maxUnavailable: 1, selector: selector(name), unhealthyPodEvictionPolicy: 'AlwaysAllow' },
});

/**
 * For prometheus-adapter, which makes of a Prometheus query what the worker's autoscaler asks for: values of its Helm chart.
 * Every worker sees the whole of each consumer, so the largest is the truth and their sum would be too much.
 */
export const adapterValues = {
  rules: {
    external: [
      {
        seriesQuery: `${PENDING_METRIC}{namespace!="",durable!=""}`,
        resources: { overrides: { namespace: { resource: 'namespace' } } },
        name: { as: PENDING_METRIC },
        metricsQuery: 'sum by (namespace) (max by (namespace, durable) (<<.Series>>{<<.LabelMatchers>>}))',
      },
    ],
  },
};
