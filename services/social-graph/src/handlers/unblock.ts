import type { Deps, GraphHandlers } from './index.ts';

export const unblock =
  (_deps: Deps): GraphHandlers['unblock'] =>
  () => {
    throw new Error('TODO');
  };
