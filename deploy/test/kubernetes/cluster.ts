import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { ICronJob } from 'kubernetes-models/batch/v1';
import type { IContainer, IPodSpec } from 'kubernetes-models/v1';

import type { Manifest } from './render.ts';

/** A pod that some manifest makes. */
export interface Pod {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly spec: IPodSpec;
  readonly container: IContainer;
}

export const ofKind = <T>(manifests: readonly Manifest[], kind: string): T[] =>
  manifests.filter((manifest) => manifest.kind === kind) as unknown as T[];

export const podsOf = (manifests: readonly Manifest[]): Pod[] => [
  ...ofKind<IDeployment>(manifests, 'Deployment').map(({ metadata, spec }) => pod(metadata!.name!, spec!.template)),
  ...ofKind<ICronJob>(manifests, 'CronJob').map(({ metadata, spec }) => pod(metadata!.name!, spec!.jobTemplate.spec!.template)),
];

const pod = (name: string, template: { metadata?: { labels?: Record<string, string> }; spec?: IPodSpec }): Pod => ({
  name,
  labels: template.metadata!.labels!,
  spec: template.spec!,
  container: template.spec!.containers[0]!,
});

/** What a container finds in its environment; a value from a Secret shows where it comes from. */
export const environmentOf = ({ container }: Pod, manifests: readonly Manifest[]): Record<string, string> => ({
  ...Object.assign(
    {},
    ...(container.envFrom ?? []).map(({ configMapRef }) => {
      const map = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef!.name);
      if (!map) throw new Error(`there is no ConfigMap ${configMapRef!.name}`);
      return map.data;
    }),
  ),
  ...Object.fromEntries(
    (container.env ?? []).map(({ name, value, valueFrom }) => [
      name,
      value ?? `secret ${valueFrom!.secretKeyRef!.name}/${valueFrom!.secretKeyRef!.key}`,
    ]),
  ),
});
