import { relationOf } from '../domain/visibility.ts';
import { toRelationship } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const batchGetRelationships =
  ({ sight, reverse }: Deps): GraphHandlers['batchGetRelationships'] =>
  async (ctx, { viewerId, userIds }) => {
    const [view, towards] = await Promise.all([
      sight.look(ctx, viewerId, [viewerId, ...userIds]),
      reverse.towards(ctx, viewerId, userIds),
    ]);
    return { relationships: userIds.map((userId) => toRelationship(relationOf(view, userId, towards))) };
  };
