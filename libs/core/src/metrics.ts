export type Labels = Readonly<Record<string, string>>;

/** The part of a metrics registry that libraries need. The real one is made by libs/rpc (prom-client). Names are Prometheus names. */
export interface Metrics {
  /** Asking twice for one name gives the same metric. */
  counter(name: string, help: string, labels: readonly string[]): { add(labels: Labels, by?: number): void };
  /** Buckets in the unit of the name, seconds by default. */
  histogram(name: string, help: string, labels: readonly string[]): { observe(labels: Labels, value: number): void };
  gauge(name: string, help: string, labels: readonly string[]): { set(labels: Labels, value: number): void };
}

const nothing = () => undefined;

export const noMetrics: Metrics = {
  counter: () => ({ add: nothing }),
  histogram: () => ({ observe: nothing }),
  gauge: () => ({ set: nothing }),
};
