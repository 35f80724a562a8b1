import type { Deps, GraphHandlers } from './index.ts';

export const block =
  (_deps: Deps): GraphHandlers['block'] =>
  () => {
    throw new Error('TODO');
  };
