import type { Deps, GraphHandlers } from './index.ts';

export const getImport =
  (_deps: Deps): GraphHandlers['getImport'] =>
  () => {
    throw new Error('TODO');
  };
