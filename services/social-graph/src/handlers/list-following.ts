import type { Deps, GraphHandlers } from './index.ts';

export const listFollowing =
  (_deps: Deps): GraphHandlers['listFollowing'] =>
  () => {
    throw new Error('TODO');
  };
