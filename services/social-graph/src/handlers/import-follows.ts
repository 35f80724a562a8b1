import type { Deps, GraphHandlers } from './index.ts';

export const importFollows =
  (_deps: Deps): GraphHandlers['importFollows'] =>
  () => {
    throw new Error('TODO');
  };
