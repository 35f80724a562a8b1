import { isNobody, mayRead } from '../domain/visibility.ts';
import { toEdge, viewerOf } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const listFollowers =
  ({ readList }: Deps): GraphHandlers['listFollowers'] =>
  async (ctx, request) => {
    const viewerId = viewerOf(ctx.caller);
    const { rows, nextPageToken } = await readList(ctx, {
      ...request,
      kind: 'FR',
      viewerId,
      open: (view) => mayRead(view, request.userId, ctx.caller.kind === 'admin'),
      shown: (view, userId) => !isNobody(view, userId),
    });
    return { followers: rows.map(toEdge), nextPageToken };
  };
