import { NONE } from '../domain/edge.ts';
import { toCounts } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const batchGetCounts =
  ({ counts, presence }: Deps): GraphHandlers['batchGetCounts'] =>
  async (ctx, { userIds }) => {
    const [known, gone] = await Promise.all([counts.counts(ctx, userIds), presence.gone(ctx, userIds)]);
    // Who is gone looks like somebody whom nobody ever knew.
    return { counts: known.map((one) => toCounts(gone.has(one.userId) ? { ...one, ...NONE } : one)) };
  };
