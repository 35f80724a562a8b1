import { NONE } from '../domain/list.ts';
import { isNobody } from '../domain/visibility.ts';
import { toCounts, viewerOf } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const batchGetCounts =
  ({ counts, sight }: Deps): GraphHandlers['batchGetCounts'] =>
  async (ctx, { userIds }) => {
    const [known, view] = await Promise.all([counts.counts(ctx, userIds), sight.look(ctx, viewerOf(ctx.caller), userIds)]);
    // Who is nobody to the caller looks like somebody whom nobody ever knew.
    return { counts: known.map((one) => toCounts(isNobody(view, one.userId) ? { ...one, ...NONE } : one)) };
  };
