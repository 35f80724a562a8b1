import type { Deps, GraphHandlers } from './index.ts';

export const setStanding =
  (_deps: Deps): GraphHandlers['setStanding'] =>
  () => {
    throw new Error('TODO');
  };
