import { stringify } from 'yaml';

import { PORTS, TOPOLOGY } from '../topology.ts';
import type { Alert } from './alerts.ts';

const GENERATED = '# Written by npm run manifests.\n';

/** The rules of Prometheus; the same groups are the spec of a PrometheusRule. */
export const ruleGroups = (alerts: readonly Alert[]) => ({
  groups: [
    {
      name: 'plaza',
      rules: alerts.map(({ name, expr, for: held, severity, summary, runbook }) => ({
        alert: name,
        expr,
        for: held,
        labels: { severity },
        annotations: { summary, runbook: `docs/runbooks/${runbook}.md` },
      })),
    },
  ],
});

export const rulesFile = (alerts: readonly Alert[]): string => GENERATED + stringify(ruleGroups(alerts), { lineWidth: 0 });

/** For an installation whose processes are known by their names, as with docker compose: a job a process. */
export const prometheusFile = (): string =>
  GENERATED +
  stringify({
    global: { scrape_interval: '15s', evaluation_interval: '15s' },
    rule_files: ['/etc/prometheus/rules.yml'],
    scrape_configs: TOPOLOGY.map(({ name }) => ({
      job_name: name,
      static_configs: [{ targets: [`${name}:${PORTS.admin}`] }],
    })),
  });

/** Takes spans by OTLP and writes a line for each; whoever has a store of traces names it in place of `debug`. */
export const collectorFile = (): string =>
  GENERATED +
  stringify({
    receivers: { otlp: { protocols: { http: { endpoint: '0.0.0.0:4318' } } } },
    processors: { memory_limiter: { check_interval: '1s', limit_mib: 256 }, batch: {} },
    exporters: { debug: { verbosity: 'normal' } },
    service: { pipelines: { traces: { receivers: ['otlp'], processors: ['memory_limiter', 'batch'], exporters: ['debug'] } } },
  });
