import type { Deps, GraphHandlers } from './index.ts';

export const listFollowers =
  (_deps: Deps): GraphHandlers['listFollowers'] =>
  () => {
    throw new Error('TODO');
  };
