import type { Context } from '@plaza/core';
import { absent, eq, lostRace, put, update, type Db, type Item, type WriteOp } from '@plaza/dynamo';

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
      const writes = [
        put(graph, { ...keys.standing(userId), ...standing, version }, row ? eq('version', Number(row['version'])) : absent()),
        ...(same(standingIn(row), standing) ? [] : [headOp(head, userId)]),
      ];
      const { ok } = await db.transact(ctx, writes);
      if (ok) return;
    }
    throw lostRace();
  },
});

const same = (a: Standing, b: Standing): boolean => a.isPrivate === b.isPrivate && a.gone === b.gone;

/** Whoever remembers standings looks here for what has changed since. */
const headOp = (head: Item | undefined, userId: string): WriteOp => {
  const seq = Number(head?.['seq'] ?? 0);
  const recent = [...((head?.['recent'] as string[] | undefined) ?? []), userId].slice(-RECENT);
  return update(graph, keys.standings(), { set: { seq: seq + 1, recent } }, head ? eq('seq', seq) : absent());
};
