import type { Deps, GraphHandlers } from './index.ts';

export const approveFollowRequest =
  (_deps: Deps): GraphHandlers['approveFollowRequest'] =>
  () => {
    throw new Error('TODO');
  };
