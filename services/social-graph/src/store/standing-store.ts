import type { Context } from '@plaza/core';
import { absent, eq, lostRace, put, update, type Db } from '@plaza/dynamo';

import type { Standing } from '../domain/tie.ts';
import { standingIn } from './standing-rows.ts';
import { graph, keys } from './table.ts';

const MAX_TRIES = 50;
/** Of these last changes the row tells whose they were: whoever looks now and then need not forget everybody. */
const RECENT = 64;

export type StandingStore = ReturnType<typeof createStandingStore>;

/** How people stand to the public: written by the user service's word, before that answers its caller. */
export const createStandingStore = ({ db }: { db: Db }) => ({
  async of(ctx: Context, userIds: readonly string[]): Promise<Map<string, Standing>> {
    const ids = [...new Set(userIds)];
    const rows = await db.batchGet(ctx, graph, ids.map(keys.standing));
    return new Map(ids.map((id, i) => [id, standingIn(rows[i])]));
  },

  /** `version` is the profile's: what is not newer changes nothing. */
  async set(ctx: Context, userId: string, version: number, standing: Standing): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const [row, head] = await db.batchGet(ctx, graph, [keys.standing(userId), keys.standings()]);
      if (row && Number(row['version']) >= version) return;
      const seq = Number(head?.['seq'] ?? 0) + 1;
      const recent = [...((head?.['recent'] as string[] | undefined) ?? []), userId].slice(-RECENT);
      const { ok } = await db.transact(ctx, [
        put(graph, { ...keys.standing(userId), ...standing, version }, row ? eq('version', Number(row['version'])) : absent()),
        update(graph, keys.standings(), { set: { seq, recent } }, head ? eq('seq', seq - 1) : absent()),
      ]);
      if (ok) return;
    }
    throw lostRace();
  },
});
