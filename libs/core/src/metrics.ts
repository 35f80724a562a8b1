export type MetricKind = 'counter' | 'gauge' | 'histogram';

/** A metric, declared once: where it is counted, dashboards and alerts go by this. */
export interface Metric<K extends MetricKind = MetricKind, L extends string = string> {
  readonly kind: K;
  /** As Prometheus writes it; the unit is its last word but for `_total`. */
  readonly name: string;
  readonly help: string;
  /** Names of what it is told apart by. Their values come from declarations, never from callers: each is a series of its own. */
  readonly labels: readonly L[];
  /** Upper bounds of a histogram, in the unit of the name; absent: from 1 ms to 10 s. */
  readonly buckets?: readonly number[];
}

type Labels<L extends string> = Readonly<Record<L, string>>;

/** The part of a metrics registry that libraries need. The real one is made by libs/rpc (prom-client). Asking twice gives the same metric. */
export interface Metrics {
  counter<L extends string>(metric: Metric<'counter', L>): { add(labels: Labels<L>, by?: number): void };
  histogram<L extends string>(metric: Metric<'histogram', L>): { observe(labels: Labels<L>, value: number): void };
  gauge<L extends string>(metric: Metric<'gauge', L>): { set(labels: Labels<L>, value: number): void };
}

export const defineCounter = <const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
): Metric<'counter', L> => ({ kind: 'counter', name, help, labels });

export const defineGauge = <const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
): Metric<'gauge', L> => ({ kind: 'gauge', name, help, labels });

export const defineHistogram = <const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  buckets?: readonly number[],
): Metric<'histogram', L> => ({ kind: 'histogram', name, help, labels, ...(buckets && { buckets }) });

/** Upper bounds, in seconds, of what may be late by minutes when something is wrong. */
export const LAG_BUCKETS: readonly number[] = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

const nothing = () => undefined;

export const noMetrics: Metrics = {
  counter: () => ({ add: nothing }),
  histogram: () => ({ observe: nothing }),
  gauge: () => ({ set: nothing }),
};
