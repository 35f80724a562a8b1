import { crashPoint, type Context, type Mutation } from '@plaza/core';
import { check, eq, insert, lostRace, once, put, requestRow, type Db } from '@plaza/dynamo';

import { userNotFound } from '../domain/errors.ts';
import { changedPreferences, DEFAULT_PREFERENCES, type Preferences } from '../domain/preferences.ts';
import { keys, read, usersTable } from './table.ts';
import { isActive } from './user-rows.ts';

/** Each lost race means that another change of these preferences won it. */
const MAX_TRIES = 20;

export type PreferenceStore = ReturnType<typeof createPreferenceStore>;

/** What people want; read where something is decided by it, so never cached. */
export const createPreferenceStore = ({ db }: { db: Db }) => {
  const get = async (ctx: Context, userId: string): Promise<Preferences> =>
    read<Preferences>(await db.get(ctx, usersTable, keys.preferences(userId))) ?? DEFAULT_PREFERENCES;

  /** @throws NOT_FOUND USER_NOT_FOUND, ABORTED ETAG_MISMATCH */
  const change = async (
    ctx: Context,
    mutation: Mutation,
    { userId, etag, sharePurchases }: { userId: string; etag: string; sharePurchases: boolean },
  ): Promise<Preferences> => {
    const attempt = async (): Promise<Preferences> => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const before = await get(ctx, userId);
        const after = changedPreferences(before, sharePurchases, etag);
        const row = { ...keys.preferences(userId), ...after };
        const written = await db.transact(ctx, [
          // Whoever is deleted wants nothing any more, above all nothing that the erasing would miss.
          check(usersTable, keys.profile(userId), isActive()),
          before.version === 0 ? insert(usersTable, row) : put(usersTable, row, eq('version', before.version)),
          requestRow(usersTable, mutation, after),
        ]);
        if (written.ok) return after;
        const broken = new Set(written.failed.map(({ index }) => index));
        if (broken.has(2)) break;
        if (broken.has(0)) throw userNotFound();
      }
      throw lostRace();
    };
    const preferences = await once(ctx, db, usersTable, mutation, attempt);
    crashPoint('user.after-preferences');
    return preferences;
  };

  return { get, change };
};
