import { judge } from '../domain/visibility.ts';
import { toVisibility } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const checkVisibility =
  ({ edges, presence }: Deps): GraphHandlers['checkVisibility'] =>
  async (ctx, { viewerId, authorIds }) => {
    const [followed, gone] = await Promise.all([
      viewerId === '' ? new Set<string>() : edges.followedAmong(ctx, viewerId, authorIds),
      presence.gone(ctx, authorIds),
    ]);
    return { authors: judge(authorIds, { followed, gone }).map(toVisibility) };
  };
