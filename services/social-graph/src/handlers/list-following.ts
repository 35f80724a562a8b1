import { isNobody, mayRead } from '../domain/visibility.ts';
import { toEdge, viewerOf } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const listFollowing =
  ({ readList }: Deps): GraphHandlers['listFollowing'] =>
  async (ctx, request) => {
    const viewerId = viewerOf(ctx.caller);
    const { rows, nextPageToken } = await readList(ctx, {
      ...request,
      kind: 'FT',
      viewerId,
      open: (view) => mayRead(view, request.userId, ctx.caller.kind === 'admin'),
      shown: (view, userId) => !isNobody(view, userId),
    });
    return { following: rows.map(toEdge), nextPageToken };
  };
