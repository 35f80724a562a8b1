import { judge } from '../domain/visibility.ts';
import { toViewerVisibility } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const checkAudience =
  ({ audiences }: Deps): GraphHandlers['checkAudience'] =>
  async (ctx, { authorId, viewerIds }) => {
    const viewOf = await audiences.of(ctx, authorId, viewerIds);
    return { viewers: viewerIds.map((viewerId) => toViewerVisibility(viewerId, judge(viewOf(viewerId), authorId))) };
  };
