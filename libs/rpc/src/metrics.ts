import type { Metrics } from '@plaza/core';

export type MetricsRegistry = Metrics & { text(): Promise<string>; readonly contentType: string };

export const createMetrics = (): MetricsRegistry => {
  throw new Error('soon');
};
