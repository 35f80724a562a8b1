import { purgeNotFound } from '../domain/errors.ts';
import { purgeMessage } from '../mapping.ts';
import type { Deps, UserHandlers } from './index.ts';

export const getPurge =
  ({ purges }: Deps): UserHandlers['getPurge'] =>
  async (ctx, { userId }) => {
    const purge = await purges.get(ctx, userId);
    if (purge === undefined) throw purgeNotFound();
    return { purge: purgeMessage(purge) };
  };
