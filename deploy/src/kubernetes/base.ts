import type { INamespace } from 'kubernetes-models/v1';

import type { Files } from '../files.ts';
import { ALERTS } from '../observability/alerts.ts';
import { TOPOLOGY, type Process } from '../topology.ts';
import { COMMON, ownConfig } from './configuration.ts';
import { deployment } from './deployment.ts';
import { cronJob, JOBS, JOBS_CONFIG, type Job } from './jobs.ts';
import { rules, serviceMonitor } from './monitoring.ts';
import { labels, NAMESPACE } from './names.ts';
import { defaultDeny, dns, edges, jobEdges } from './network.ts';
import { adapterValues, autoscaler, disruptionBudget } from './scaling.ts';
import { service, serviceAccount } from './service.ts';
import { envFile, yaml } from './yaml.ts';

const namespace: INamespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: NAMESPACE,
    labels: {
      ...labels(NAMESPACE),
      ...Object.fromEntries(['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted'])),
    },
  },
};

export const kustomization = (fields: object): string =>
  yaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...fields });

/** The name ends in a hash of what is in it, so that pods whose configuration changed are replaced. */
export const config = (name: string) => ({ name: `${name}-config`, namespace: NAMESPACE, envs: ['config.env'] });

export const baseFiles = (): Files => ({
  'base/namespace.yaml': yaml(namespace),
  'base/network-policy.yaml': yaml(defaultDeny, dns),
  'base/config.env': envFile(COMMON),
  'base/kustomization.yaml': kustomization({
    resources: ['namespace.yaml', 'network-policy.yaml', ...TOPOLOGY.map(({ name }) => name), 'jobs'],
    configMapGenerator: [config('plaza')],
  }),
  ...Object.assign({}, ...TOPOLOGY.map(processFiles)),
  'base/jobs/config.env': envFile(JOBS_CONFIG),
  'base/jobs/kustomization.yaml': kustomization({
    resources: JOBS.map(({ name }) => name),
    configMapGenerator: [config('jobs')],
  }),
  ...Object.assign({}, ...JOBS.map(jobFiles)),
  'monitoring/service-monitors.yaml': yaml(...TOPOLOGY.map(({ name }) => serviceMonitor(name))),
  'monitoring/rules.yaml': yaml(rules(ALERTS)),
  'monitoring/kustomization.yaml': kustomization({ resources: ['service-monitors.yaml', 'rules.yaml'] }),
  'monitoring/prometheus-adapter-values.yaml': yaml(adapterValues),
});

const folder = (path: string, resources: Readonly<Record<string, object>>, more: object = {}): Files => ({
  ...Object.fromEntries(Object.entries(resources).map(([name, resource]) => [`${path}/${name}.yaml`, yaml(resource)])),
  [`${path}/kustomization.yaml`]: kustomization({ resources: Object.keys(resources).map((name) => `${name}.yaml`), ...more }),
});

function processFiles(process: Process): Files {
  const { name } = process;
  const path = `base/${name}`;
  const resources = {
    deployment: deployment(process),
    service: service(process),
    'service-account': serviceAccount(name),
    autoscaler: autoscaler(name),
    'disruption-budget': disruptionBudget(name),
    'network-policy': edges(process),
  };
  return {
    ...folder(path, resources, { configMapGenerator: [config(name)] }),
    [`${path}/config.env`]: envFile(ownConfig(process)),
  };
}

function jobFiles(job: Job): Files {
  return folder(`base/jobs/${job.name}`, {
    'cron-job': cronJob(job),
    'service-account': serviceAccount(job.name),
    'network-policy': jobEdges(job.name, job.peers),
  });
}
