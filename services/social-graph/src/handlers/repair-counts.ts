import type { Deps, GraphHandlers } from './index.ts';

export const repairCounts =
  (_deps: Deps): GraphHandlers['repairCounts'] =>
  () => {
    throw new Error('TODO');
  };
