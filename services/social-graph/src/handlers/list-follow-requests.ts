import { isNobody } from '../domain/visibility.ts';
import { toPendingFollow } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const listFollowRequests =
  ({ readList }: Deps): GraphHandlers['listFollowRequests'] =>
  async (ctx, request) => {
    const { rows, nextPageToken } = await readList(ctx, {
      ...request,
      kind: 'RQ_IN',
      // With the owner's eyes, also when an admin looks.
      viewerId: request.userId,
      // Whoever asked to follow an account that is public now follows it.
      open: (view) => view.standing(request.userId).isPrivate,
      shown: (view, userId) => !isNobody(view, userId),
    });
    return { requests: rows.map(toPendingFollow), nextPageToken };
  };
