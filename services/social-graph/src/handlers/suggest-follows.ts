import type { Deps, GraphHandlers } from './index.ts';

export const suggestFollows =
  (_deps: Deps): GraphHandlers['suggestFollows'] =>
  () => {
    throw new Error('TODO');
  };
