import type { Deps, GraphHandlers } from './index.ts';

export const listBlocks =
  (_deps: Deps): GraphHandlers['listBlocks'] =>
  () => {
    throw new Error('TODO');
  };
