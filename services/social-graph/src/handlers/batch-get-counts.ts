import { toCounts } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const batchGetCounts =
  ({ counts }: Deps): GraphHandlers['batchGetCounts'] =>
  async (ctx, { userIds }) => ({ counts: (await counts.counts(ctx, userIds)).map(toCounts) });
