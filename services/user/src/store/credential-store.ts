import type { Context } from '@plaza/core';
import { eq, update, type Db } from '@plaza/dynamo';

import { keys, read, usersTable } from './table.ts';

/** What a login leads to. Without a hash the user cannot sign in. */
export interface Credential {
  readonly userId: string;
  readonly hash: string | undefined;
}

export type CredentialStore = ReturnType<typeof createCredentialStore>;

/** Logins and password hashes; never cached, always read strongly. */
export const createCredentialStore = (db: Db) => {
  /** By e-mail or username. An unknown login costs the same two reads as a known one: the time tells nothing. */
  const find = async (ctx: Context, login: string): Promise<Credential | undefined> => {
    const key = login.includes('@') ? keys.email(login) : keys.username(login);
    const owner = read<{ userId: string }>(await db.get(ctx, usersTable, key));
    const password = read<{ hash: string }>(await db.get(ctx, usersTable, keys.password(owner?.userId ?? 'nobody')));
    return owner && { userId: owner.userId, hash: password?.hash };
  };

  /** Puts a hash of the same password in the place of an older one; if it was changed meanwhile, the change stands. */
  const replaceHash = async (ctx: Context, userId: string, older: string, newer: string): Promise<void> => {
    await db.write(ctx, update(usersTable, keys.password(userId), { set: { hash: newer } }, eq('hash', older)));
  };

  return { find, replaceHash };
};
