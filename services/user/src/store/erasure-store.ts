import type { Context } from '@plaza/core';
import { exists, put, update, type Db, type Item } from '@plaza/dynamo';

import type { Purge } from '../domain/purge.ts';
import { loginOf } from './login-rows.ts';
import { keys, read, usersTable } from './table.ts';

export type ErasureStore = ReturnType<typeof createErasureStore>;

/** What this service holds of a person, erased. Names and profile go with the last receipt of all. */
export const createErasureStore = ({ db }: { db: Db }) => {
  /** Erases everything in the person's own partition but the profile; a repetition goes on and answers what the first try found. */
  const erase = async (ctx: Context, userId: string): Promise<{ erased: Record<string, number>; kept: readonly string[] }> => {
    const profile = keys.profile(userId);
    const { items } = await db.query(ctx, usersTable, { pk: profile.pk });
    const personal = items.filter(({ sk }) => sk !== profile.sk);
    const erased = await noteFound(ctx, userId, countsOf(personal));
    const login = personal.find(({ sk }) => sk === keys.login(userId).sk);
    // A bare tombstone keeps sign-in closed for good, also to a call that is still under way.
    if (login) await db.write(ctx, put(usersTable, tombstone(login)));
    await db.batchWrite(ctx, usersTable, { remove: personal.filter((item) => item !== login) });
    return { erased, kept: KEPT };
  };

  /** Written down before anything goes, for the try that comes to the end: there is less and less to count. */
  const noteFound = async (ctx: Context, userId: string, found: Record<string, number>): Promise<Record<string, number>> => {
    const key = keys.purge(userId);
    await db.write(ctx, update(usersTable, key, { setOnce: { found }, add: { version: 1 } }, exists()));
    return { ...read<Purge>(await db.get(ctx, usersTable, key))?.found };
  };

  return { erase };
};

const tombstone = (item: Item): Item => {
  const { epoch, closedAt } = loginOf(item);
  return { pk: item.pk, sk: item.sk, epoch, closedAt };
};

const countsOf = (items: readonly Item[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const kind of items.map(kindOf)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

const kindOf = ({ sk }: Item): string => KINDS.find(([prefix]) => sk.startsWith(prefix))?.[1] ?? 'other rows';

const KINDS: readonly [prefix: string, kind: string][] = [
  [keys.password('').sk, 'passwords'],
  [keys.login('').sk, 'sign-in counts'],
  [keys.family('', '').sk, 'sessions'],
  [keys.preferences('').sk, 'preferences'],
];

/** What names nobody any more, or cannot go: told in the receipt. */
const KEPT: readonly string[] = [
  'wallet, holds and ledger entries with their notes, under the bare id: accounts must balance',
  'scores under the bare id: the ranks of others depend on them',
  'digests of refresh tokens under the bare id: worthless, they expire within 30 days',
  'requests: they repeat the answer and expire within 48 hours',
  'events: they expire within 7 days',
  'dead letters, events that could not be handled and what they told: they expire within 90 days',
];
