import { judge } from '../domain/visibility.ts';
import { toVisibility } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const checkVisibility =
  ({ edges }: Deps): GraphHandlers['checkVisibility'] =>
  async (ctx, { viewerId, authorIds }) => {
    const followed = viewerId === '' ? new Set<string>() : await edges.followedAmong(ctx, viewerId, authorIds);
    return { authors: judge(authorIds, followed).map(toVisibility) };
  };
