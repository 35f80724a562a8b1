import type { Context } from '@plaza/core';
import { update, type Db } from '@plaza/dynamo';

import { homeFeedTable, keys } from '../table.ts';

export type HeadGeneration = ReturnType<typeof createHeadGeneration>;

/**
 * One durable number that all Redis heads depend on. A head holds every row of its feed only if every insert reached Redis;
 * after an insert of unknown outcome the number is raised, and all heads made before it go cold, when
 * the lease next names the new number or lapses: within about 5 s of the failure.
 */
export const createHeadGeneration = ({ db }: { db: Db }) => ({
  async current(ctx: Context): Promise<number> {
    const item = await db.get(ctx, homeFeedTable, keys.headGeneration);
    return (item?.['generation'] as number | undefined) ?? 0;
  },

  /** Raises it by at least one; raised twice by a repeated write is as good. */
  async raise(ctx: Context): Promise<void> {
    await db.write(ctx, update(homeFeedTable, keys.headGeneration, { add: { generation: 1 } }));
  },
});
