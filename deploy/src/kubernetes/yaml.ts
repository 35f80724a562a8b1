import { stringify } from 'yaml';

const GENERATED = '# Derived from deploy/src/kubernetes: npm run manifests.\n';

export const yaml = (...documents: readonly object[]): string =>
  GENERATED + documents.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');

/** As kustomize reads a ConfigMap's entries. */
export const envFile = (variables: Readonly<Record<string, string>>): string =>
  GENERATED +
  Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
