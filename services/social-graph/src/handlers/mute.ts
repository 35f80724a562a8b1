import type { Deps, GraphHandlers } from './index.ts';

export const mute =
  (_deps: Deps): GraphHandlers['mute'] =>
  () => {
    throw new Error('TODO');
  };
