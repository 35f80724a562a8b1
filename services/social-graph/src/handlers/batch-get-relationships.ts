import type { Deps, GraphHandlers } from './index.ts';

export const batchGetRelationships =
  (_deps: Deps): GraphHandlers['batchGetRelationships'] =>
  () => {
    throw new Error('TODO');
  };
