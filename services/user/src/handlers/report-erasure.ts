import { erasingService } from '../domain/purge.ts';
import type { Deps, UserHandlers } from './index.ts';

/** Needs no request_id: the first report of a service stands. */
export const reportErasure =
  ({ purges }: Deps): UserHandlers['reportErasure'] =>
  async (ctx, { userId, erased, kept }) => {
    const counts = erased.map(({ kind, count }) => ({ kind, count: Number(count) }));
    await purges.report(ctx, userId, erasingService(ctx.caller), { erased: counts, kept });
    return {};
  };
