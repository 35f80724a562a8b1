import type { Deps, GraphHandlers } from './index.ts';

export const listMutes =
  (_deps: Deps): GraphHandlers['listMutes'] =>
  () => {
    throw new Error('TODO');
  };
