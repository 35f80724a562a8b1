import type { Deps, GraphHandlers } from './index.ts';

export const streamFollowers =
  (_deps: Deps): GraphHandlers['streamFollowers'] =>
  () => {
    throw new Error('TODO');
  };
