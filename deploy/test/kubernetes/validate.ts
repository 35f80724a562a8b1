import * as operator from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';

import type { Manifest } from './render.ts';

type Model = new (manifest: unknown) => { validate(): void };

const groups: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'apps/v1': apps,
  'autoscaling/v2': autoscaling,
  'batch/v1': batch,
  'monitoring.coreos.com/v1': operator,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
  v1: core,
};

/** @throws Error that says which field is wrong */
export const validate = (manifest: Manifest): void => {
  const model = groups[manifest.apiVersion]?.[manifest.kind] as Model | undefined;
  if (!model) throw new Error(`no such kind: ${manifest.apiVersion} ${manifest.kind}`);
  new model(manifest).validate();
};
