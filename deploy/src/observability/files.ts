import type { Files } from '../files.ts';
import { ALERTS } from './alerts.ts';
import { DASHBOARDS } from './dashboards.ts';
import { grafanaFiles } from './grafana.ts';
import { collectorFile, prometheusFile, rulesFile } from './prometheus.ts';

export const observabilityFiles = (): Files => ({
  'observability/rules.yml': rulesFile(ALERTS),
  'observability/prometheus.yml': prometheusFile(),
  'observability/otel-collector.yaml': collectorFile(),
  ...grafanaFiles(DASHBOARDS),
});
