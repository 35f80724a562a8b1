import type { Deps, GraphHandlers } from './index.ts';

export const removeFollower =
  (_deps: Deps): GraphHandlers['removeFollower'] =>
  () => {
    throw new Error('TODO');
  };
