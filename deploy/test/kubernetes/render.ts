import { posix } from 'node:path';

import { parse, parseAllDocuments } from 'yaml';

import type { Files } from '../../src/files.ts';
import { kubernetesFiles } from '../../src/kubernetes/files.ts';

/** A manifest as the API server would get it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  // What is below differs from kind to kind; each test knows what it looks for.
  readonly spec: never;
  readonly data?: Record<string, string>;
}

interface Kustomization {
  readonly resources?: readonly string[];
  readonly configMapGenerator?: readonly Generator[];
  readonly images?: readonly Image[];
  readonly patches?: readonly { target: { kind: string; name?: string }; patch: string }[];
}

interface Generator {
  readonly name: string;
  readonly namespace: string;
  readonly envs: readonly string[];
  readonly behavior?: 'merge';
}

interface Image {
  readonly name: string;
  readonly newName: string;
  readonly newTag: string;
}

interface Operation {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: unknown;
}

const known = ['apiVersion', 'kind', 'resources', 'configMapGenerator', 'images', 'patches'];

/**
 * What `kubectl kustomize deploy/kubernetes/<folder>` prints, by exactly the features that are used, and without the hashes
 * at the end of generated names. `kubectl` is not everywhere where the tests are.
 * @throws Error for a feature that it does not know
 */
export const render = (folder: string, files: Files = kubernetesFiles()): Manifest[] => {
  const read = (path: string): string => {
    const content = files[posix.join('kubernetes', path)];
    if (content === undefined) throw new Error(`there is no ${path}`);
    return content;
  };
  const built = (path: string): Manifest[] => {
    const kustomization = parse(read(`${path}/kustomization.yaml`)) as Kustomization;
    const unknown = Object.keys(kustomization).filter((field) => !known.includes(field));
    if (unknown.length > 0) throw new Error(`${path} uses what this renderer does not know: ${unknown.join(', ')}`);
    const manifests = (kustomization.resources ?? []).flatMap((resource) => {
      const at = posix.join(path, resource);
      return resource.endsWith('.yaml') ? documents(read(at)) : built(at);
    });
    for (const generator of kustomization.configMapGenerator ?? [])
      generate(
        manifests,
        generator,
        generator.envs.map((env) => read(posix.join(path, env))),
      );
    for (const { target, patch } of kustomization.patches ?? []) {
      const hit = manifests.filter(
        ({ kind, metadata }) => kind === target.kind && metadata.name === (target.name ?? metadata.name),
      );
      if (hit.length === 0) throw new Error(`a patch of ${path} hits nothing: ${target.kind} ${target.name}`);
      for (const manifest of hit) for (const operation of JSON.parse(patch) as Operation[]) apply(manifest, operation);
    }
    for (const image of kustomization.images ?? []) replaceImage(manifests, image);
    return manifests;
  };
  return built(folder);
};

const documents = (text: string): Manifest[] => parseAllDocuments(text).map((document) => document.toJS() as Manifest);

const generate = (manifests: Manifest[], { name, namespace, behavior }: Generator, envs: readonly string[]): void => {
  const data = Object.fromEntries(
    envs
      .join('')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const before = manifests.find((manifest) => manifest.kind === 'ConfigMap' && manifest.metadata.name === name);
  if ((behavior === 'merge') !== (before !== undefined)) throw new Error(`${name} is generated twice, or merged into nothing`);
  if (before?.data) Object.assign(before.data, data);
  else manifests.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data } as Manifest);
};

const apply = (manifest: Manifest, { op, path, value }: Operation): void => {
  const steps = path.slice(1).split('/');
  const last = steps.pop()!;
  const parent = steps.reduce<Record<string, unknown>>(
    (node, step) => node[step] as Record<string, unknown>,
    manifest as unknown as Record<string, unknown>,
  );
  if (op === 'replace' && !(last in parent)) throw new Error(`nothing to replace at ${path}`);
  parent[last] = structuredClone(value);
};

const replaceImage = (node: unknown, image: Image): void => {
  if (typeof node !== 'object' || node === null) return;
  const object = node as Record<string, unknown>;
  if (object['image'] === image.name) object['image'] = `${image.newName}:${image.newTag}`;
  for (const child of Object.values(object)) replaceImage(child, image);
};
