import type { Metrics } from '@plaza/core';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type MetricsRegistry = Metrics & { text(): Promise<string>; readonly contentType: string };

/** From 1 ms to 10 s: budgets lie between. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A registry of its own, so that several services can live in one process; process metrics are included. */
export const createMetrics = (): MetricsRegistry => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const known = <T>(name: string, make: () => T): T => (registry.getSingleMetric(name) as T | undefined) ?? make();
  const registers = [registry];
  return {
    counter(name, help, labelNames) {
      const counter = known(name, () => new Counter({ name, help, labelNames, registers }));
      return { add: (labels, by = 1) => counter.inc({ ...labels }, by) };
    },
    histogram(name, help, labelNames) {
      const histogram = known(name, () => new Histogram({ name, help, labelNames, registers, buckets: BUCKETS }));
      return { observe: (labels, value) => histogram.observe({ ...labels }, value) };
    },
    gauge(name, help, labelNames) {
      const gauge = known(name, () => new Gauge({ name, help, labelNames, registers }));
      return { set: (labels, value) => gauge.set({ ...labels }, value) };
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
};
