import type { Deps, GraphHandlers } from './index.ts';

export const listMutuals =
  (_deps: Deps): GraphHandlers['listMutuals'] =>
  () => {
    throw new Error('TODO');
  };
