import type { Deps, GraphHandlers } from './index.ts';

export const rejectFollowRequest =
  (_deps: Deps): GraphHandlers['rejectFollowRequest'] =>
  () => {
    throw new Error('TODO');
  };
