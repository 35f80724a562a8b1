import type { Context } from '@plaza/core';
import { absent, eq, put, type Db, type Item } from '@plaza/dynamo';

import type { Mode, SourceMode } from '../../domain/home/mode.ts';
import { keys, postsTable } from '../table.ts';

export type ModeStore = ReturnType<typeof createModeStore>;

/** How the entries of each person reach feeds. Read strongly consistent, next to the person's posts. No row: they are pushed. */
export const createModeStore = ({ db }: { db: Db }) => ({
  async get(ctx: Context, sourceId: string): Promise<SourceMode | undefined> {
    return modeIn(await db.get(ctx, postsTable, keys.mode(sourceId)));
  },

  /** Those of the sources that are pulled, or come to be. */
  async pulled(ctx: Context, sourceIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await db.batchGet(ctx, postsTable, sourceIds.map(keys.mode));
    return new Set(sourceIds.filter((_id, i) => isPulled(modeIn(rows[i]))));
  },

  /** False: somebody else has decided meanwhile. */
  async decide(
    ctx: Context,
    sourceId: string,
    before: SourceMode | undefined,
    next: Omit<SourceMode, 'version'>,
  ): Promise<boolean> {
    const row = { ...keys.mode(sourceId), ...next, version: (before?.version ?? 0) + 1 };
    const { ok } = await db.write(ctx, put(postsTable, row, before === undefined ? absent() : eq('version', before.version)));
    return ok;
  },
});

export const isPulled = (mode: SourceMode | undefined): boolean => mode !== undefined && mode.mode !== 'PUSH';

const modeIn = (item: Item | undefined): SourceMode | undefined =>
  item && {
    mode: item['mode'] as Mode,
    planId: item['planId'] as string,
    followers: Number(item['followers']),
    postsPerDay: Number(item['postsPerDay']),
    active: Number(item['active']),
    decidedAt: Number(item['decidedAt']),
    lastEntry: item['lastEntry'] as string,
    version: Number(item['version']),
  };
