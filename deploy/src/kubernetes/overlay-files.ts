import type { Files } from '../files.ts';
import { config, kustomization } from './base.ts';
import { awsEngineEdges, CLIENTS, localEngineEdges } from './engine-edges.ts';
import { engineDeployment, ENGINES, engineService } from './engines.ts';
import { IMAGES, type Aws, type Overlay } from './overlays.ts';
import { envFile, yaml } from './yaml.ts';

export const overlayFiles = (overlay: Overlay): Files => {
  const path = `overlays/${overlay.name}`;
  const merged = (name: string, file: string) => ({ ...config(name), behavior: 'merge', envs: [file] });
  return {
    [`${path}/kustomization.yaml`]: kustomization({
      resources: ['../../base', ...(overlay.aws ? ['../../monitoring'] : []), 'engines.yaml'],
      configMapGenerator: [merged('plaza', 'config.env'), merged('jobs', 'jobs.env')],
      images: IMAGES.map((name) => ({
        name: `plaza/${name}`,
        newName: `${overlay.registry}/${name}`,
        newTag: overlay.tag,
      })),
      patches: patchesOf(overlay),
    }),
    [`${path}/config.env`]: envFile(overlay.common),
    [`${path}/jobs.env`]: envFile(overlay.jobs),
    [`${path}/engines.yaml`]: yaml(...(overlay.aws ? awsEngineEdges(overlay.aws) : localEngines())),
  };
};

const localEngines = (): object[] => [
  ...ENGINES.flatMap((engine) => [engineDeployment(engine), engineService(engine)]),
  ...localEngineEdges(),
];

const patchesOf = ({ pods, strictZones, aws }: Overlay): object[] => [
  patch('HorizontalPodAutoscaler', [
    { op: 'replace', path: '/spec/minReplicas', value: pods.min },
    { op: 'replace', path: '/spec/maxReplicas', value: pods.max },
  ]),
  ...(strictZones
    ? [
        patch('Deployment', [
          { op: 'replace', path: '/spec/template/spec/topologySpreadConstraints/0/whenUnsatisfiable', value: 'DoNotSchedule' },
        ]),
      ]
    : []),
  ...(aws ? rolesOf(aws) : []),
];

/** Who reaches DynamoDB does so in a role of its own. */
const rolesOf = ({ roleOf }: Aws): object[] =>
  CLIENTS.dynamodb.map((name) =>
    patch(
      'ServiceAccount',
      [{ op: 'add', path: '/metadata/annotations', value: { 'eks.amazonaws.com/role-arn': roleOf(name) } }],
      name,
    ),
  );

const patch = (kind: string, operations: readonly object[], name?: string): object => ({
  target: { kind, ...(name !== undefined && { name }) },
  patch: JSON.stringify(operations),
});
