import type { Deps, GraphHandlers } from './index.ts';

export const listFollowRequests =
  (_deps: Deps): GraphHandlers['listFollowRequests'] =>
  () => {
    throw new Error('TODO');
  };
