import type { Context } from '@plaza/core';
import { put, type Db, type Item } from '@plaza/dynamo';

import type { Receipt } from '../domain/purge.ts';
import { loginOf } from './login-rows.ts';
import { keys, usersTable } from './table.ts';

export type ErasureStore = ReturnType<typeof createErasureStore>;

/** What this service holds of a person, erased. Names and profile go with the last receipt of all. */
export const createErasureStore = ({ db }: { db: Db }) => {
  /** Everything in the person's own partition but the profile. Repeating it finds nothing more. */
  const erase = async (ctx: Context, userId: string): Promise<Omit<Receipt, 'reportedAt'>> => {
    const profile = keys.profile(userId);
    const { items } = await db.query(ctx, usersTable, { pk: profile.pk });
    const login = items.find(({ sk }) => sk === keys.login(userId).sk);
    const rest = items.filter((item) => item.sk !== profile.sk && item !== login);
    await db.batchWrite(ctx, usersTable, { remove: rest });
    // A bare tombstone keeps sign-in closed for good, also to a call that is still under way.
    if (login) await db.write(ctx, put(usersTable, tombstone(login)));
    const counts = new Map<string, number>();
    for (const { sk } of login ? [...rest, login] : rest) counts.set(kindOf(sk), (counts.get(kindOf(sk)) ?? 0) + 1);
    return { erased: [...counts].map(([kind, count]) => ({ kind, count })), kept: KEPT };
  };

  return { erase };
};

const tombstone = (item: Item): Item => {
  const { epoch, closedAt } = loginOf(item);
  return { pk: item.pk, sk: item.sk, epoch, closedAt };
};

const kindOf = (sk: string): string => KINDS.find(([prefix]) => sk.startsWith(prefix))?.[1] ?? 'other rows';

const KINDS: readonly [prefix: string, kind: string][] = [
  [keys.password('').sk, 'passwords'],
  [keys.login('').sk, 'sign-in counts'],
  [keys.family('', '').sk, 'sessions'],
  [keys.preferences('').sk, 'preferences'],
];

/** What names nobody any more, or cannot go: told in the receipt. */
const KEPT: readonly string[] = [
  'wallet, holds and ledger entries under the bare id: accounts must balance',
  'scores under the bare id: ranks of others depend on them',
  'digests of refresh tokens under the bare id: worthless, deleted by themselves within 30 days',
  'first answers of requests: deleted by themselves within 48 hours',
  'events of the last 7 days: deleted by themselves',
];
