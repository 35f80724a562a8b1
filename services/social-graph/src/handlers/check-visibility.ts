import { judge } from '../domain/visibility.ts';
import { toVisibility } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const checkVisibility =
  ({ sight }: Deps): GraphHandlers['checkVisibility'] =>
  async (ctx, { viewerId, authorIds }) => {
    const view = await sight.look(ctx, viewerId, authorIds);
    return { authors: authorIds.map((authorId) => toVisibility(judge(view, authorId))), epoch: view.epoch };
  };
