import type { IPrometheusRule, IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';

import type { Alert } from '../observability/alerts.ts';
import { ruleGroups } from '../observability/prometheus.ts';
import type { ProcessName } from '../topology.ts';
import { metadata, selector } from './names.ts';

export const serviceMonitor = (name: ProcessName): IServiceMonitor => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: metadata(name),
  // Alerts and dashboards know a process by its job.
  spec: {
    jobLabel: 'app.kubernetes.io/name',
    selector: selector(name),
    endpoints: [{ port: 'admin', path: '/metrics', interval: '15s' }],
  },
});

export const rules = (alerts: readonly Alert[]): IPrometheusRule => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PrometheusRule',
  metadata: metadata('plaza'),
  spec: ruleGroups(alerts),
});
