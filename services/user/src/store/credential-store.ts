import { crashPoint, newId, type Clock, type Context, type Mutation } from '@plaza/core';
import { check, eq, insert, lostRace, put, requestRow, update, type Db } from '@plaza/dynamo';

import { userNotFound } from '../domain/errors.ts';
import { endAllSessions, loginOf, revokedEvent, type Login } from './login-rows.ts';
import type { Revoke } from './revoke.ts';
import { keys, read, usersTable } from './table.ts';
import { isActive } from './user-rows.ts';

/** What a login leads to. Without a hash the user cannot sign in. */
export interface Credential {
  readonly userId: string;
  readonly login: Login;
  readonly hash: string | undefined;
}

export type CredentialStore = ReturnType<typeof createCredentialStore>;

/** Logins and password hashes; never cached, always read strongly. */
export const createCredentialStore = ({ db, revoke: { revoke }, now }: { db: Db; revoke: Revoke; now: Clock }) => {
  /**
   * By e-mail or username. An unknown login costs the same reads as a known one, of somebody else each time: neither the time
   * tells who is known, nor a partition that a flood has worn out.
   */
  const find = async (ctx: Context, name: string): Promise<Credential | undefined> => {
    const key = name.includes('@') ? keys.email(name) : keys.username(name);
    const owner = read<{ userId: string }>(await db.get(ctx, usersTable, key));
    const credential = await ofUser(ctx, owner?.userId ?? newId());
    return owner && credential;
  };

  /** The epoch is read before the hash, so that whoever proves a password that is replaced meanwhile is left with an old epoch. */
  const ofUser = async (ctx: Context, userId: string): Promise<Credential> => {
    const login = loginOf(await db.get(ctx, usersTable, keys.login(userId)));
    const password = read<{ hash: string }>(await db.get(ctx, usersTable, keys.password(userId)));
    return { userId, login, hash: password?.hash };
  };

  /** Puts a hash of the same password in the place of an older one; if it was changed meanwhile, the change stands. */
  const replaceHash = async (ctx: Context, userId: string, older: string, newer: string): Promise<void> => {
    await db.write(ctx, update(usersTable, keys.password(userId), { set: { hash: newer } }, eq('hash', older)));
  };

  /**
   * Sets a password and ends all sessions. `decide` gets the hash that stands and gives the new one, or refuses.
   * @throws NOT_FOUND USER_NOT_FOUND
   */
  const setPassword = (
    ctx: Context,
    mutation: Mutation,
    userId: string,
    decide: (hash: string | undefined) => Promise<string>,
  ): Promise<void> =>
    revoke(ctx, mutation, async () => {
      const { login, hash } = await ofUser(ctx, userId);
      const newer = await decide(hash);
      const event = revokedEvent(ctx, { userId, epoch: login.epoch + 1, at: now() });
      const written = await db.transact(ctx, [
        check(usersTable, keys.profile(userId), isActive()),
        endAllSessions(userId, login),
        put(usersTable, { ...keys.password(userId), hash: newer }),
        insert(usersTable, event),
        requestRow(usersTable, mutation, null),
      ]);
      if (!written.ok) throw written.failed.some(({ index }) => index === 0) ? userNotFound() : lostRace();
      crashPoint('user.after-set-password');
      return event;
    });

  return { find, replaceHash, setPassword };
};
