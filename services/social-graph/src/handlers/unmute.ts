import type { Deps, GraphHandlers } from './index.ts';

export const unmute =
  (_deps: Deps): GraphHandlers['unmute'] =>
  () => {
    throw new Error('TODO');
  };
