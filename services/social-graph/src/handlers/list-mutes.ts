import { isNobody } from '../domain/visibility.ts';
import { toMutedUser } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const listMutes =
  ({ readList }: Deps): GraphHandlers['listMutes'] =>
  async (ctx, request) => {
    const { rows, nextPageToken } = await readList(ctx, {
      ...request,
      kind: 'MT',
      // With the owner's eyes, also when an admin looks.
      viewerId: request.userId,
      open: () => true,
      shown: (view, userId) => !isNobody(view, userId),
    });
    return { mutes: rows.map(toMutedUser), nextPageToken };
  };
