import type { Metric, Metrics } from '@plaza/core';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Of a histogram: the name of the series, which ends in `_bucket`, `_sum` or `_count`. */
  readonly series: string;
}

/** What a metric says now. */
export interface Reading {
  readonly metric: Metric;
  readonly samples: readonly Sample[];
}

export type MetricsRegistry = Metrics & {
  text(): Promise<string>;
  /** All that is declared and counted in this process; not what prom-client says of every process. */
  readings(): Promise<readonly Reading[]>;
  readonly contentType: string;
};

/** From 1 ms to 10 s: budgets lie between. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A registry of its own, so that several services can live in one process; process metrics are included. */
export const createMetrics = (): MetricsRegistry => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const declared = new Map<string, Metric>();
  const known = <T>(metric: Metric, make: () => T): T => {
    declared.set(metric.name, metric);
    return (registry.getSingleMetric(metric.name) as T | undefined) ?? make();
  };
  const samplesOf = async ({ name }: Metric): Promise<Sample[]> => {
    const { values = [] } = (await registry.getSingleMetric(name)?.get()) ?? {};
    return values.map((sample) => ({
      labels: sample.labels as Sample['labels'],
      value: sample.value,
      series: 'metricName' in sample ? String(sample.metricName) : name,
    }));
  };
  const settings = ({ name, help, labels }: Metric) => ({ name, help, labelNames: labels, registers: [registry] });
  return {
    counter(metric) {
      const counter = known(metric, () => new Counter(settings(metric)));
      return { add: (labels, by = 1) => counter.inc({ ...labels }, by) };
    },
    histogram(metric) {
      const buckets = [...(metric.buckets ?? BUCKETS)];
      const histogram = known(metric, () => new Histogram({ ...settings(metric), buckets }));
      return { observe: (labels, value) => histogram.observe({ ...labels }, value) };
    },
    gauge(metric) {
      const gauge = known(metric, () => new Gauge(settings(metric)));
      return { set: (labels, value) => gauge.set({ ...labels }, value) };
    },
    text: () => registry.metrics(),
    readings: () => Promise.all([...declared.values()].map(async (metric) => ({ metric, samples: await samplesOf(metric) }))),
    contentType: registry.contentType,
  };
};
