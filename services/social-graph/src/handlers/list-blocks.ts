import { toBlockedUser } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const listBlocks =
  ({ readList }: Deps): GraphHandlers['listBlocks'] =>
  async (ctx, request) => {
    const { rows, nextPageToken } = await readList(ctx, {
      ...request,
      kind: 'BT',
      // With the owner's eyes, also when an admin looks.
      viewerId: request.userId,
      open: () => true,
      shown: (view, userId) => !view.standing(userId).gone,
    });
    return { blocks: rows.map(toBlockedUser), nextPageToken };
  };
