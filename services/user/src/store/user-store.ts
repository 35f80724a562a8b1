import { insist, type EntityCache } from '@plaza/cache';
import { fold, type Context } from '@plaza/core';
import { lostRace, once, type Db, type Key, type WriteResult } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import { emailTaken, usernameTaken } from '../domain/errors.ts';
import type { User } from '../domain/user.ts';
import { accountRows, createdEvent, EMAIL_ROW, registeredOf, USERNAME_ROW, type Draft } from './account-rows.ts';
import { keys, read, usersTable } from './table.ts';
import { userFrom } from './user-rows.ts';

/** A claimed username: whose it is, since which version of its owner. */
export type Claim = { readonly userId: string; readonly version: number };

/**
 * Two owners of one name count their versions each from one, so what was cached of a name that changed hands is buried at the
 * highest version: for a minute the table alone is asked, whatever was being loaded just then.
 */
const CHANGED_HANDS = Number.MAX_SAFE_INTEGER;

export type UserStore = ReturnType<typeof createUserStore>;

/** Profiles by id and by name, behind the cache. Users of every state: what a caller may see is the handler's to decide. */
export const createUserStore = (options: {
  db: Db;
  profiles: EntityCache<User>;
  claims: EntityCache<Claim>;
  relay: Pick<Relay, 'nudge'>;
  insistMs?: number;
}) => {
  const { db, profiles, claims, relay, insistMs } = options;

  /**
   * Name, e-mail, profile, wallet, request and event are written together or not at all: a refused registration reserves
   * nothing. The cache need not hear of the id, which nobody can have asked for, but of the name.
   * @throws ALREADY_EXISTS USERNAME_TAKEN or EMAIL_TAKEN
   */
  const create = async (ctx: Context, draft: Draft): Promise<User> => {
    let event: ReturnType<typeof createdEvent> | undefined;
    const registered = await once(ctx, db, usersTable, draft.mutation, async () => {
      const created = createdEvent(ctx, draft.user);
      const written = await db.transact(ctx, accountRows(draft, created));
      if (!written.ok) throw refusal(draft, written);
      event = created;
      return registeredOf(draft);
    });
    await namesMoved(ctx, [draft.user.username]);
    if (event) relay.nudge([event]);
    return { ...draft.user, userId: registered.userId, createdAt: registered.createdAt, updatedAt: registered.createdAt };
  };

  /** Past the cache, strongly consistent. */
  const load = async (ctx: Context, userId: string): Promise<User | undefined> =>
    userFrom(await db.get(ctx, usersTable, keys.profile(userId)));

  const get = (ctx: Context, userId: string): Promise<User | undefined> => profiles.get(ctx, userId, () => load(ctx, userId));

  /** Those that exist, by id. */
  const getMany = (ctx: Context, userIds: readonly string[]): Promise<Map<string, User>> =>
    profiles.getMany(ctx, userIds, async (missing) => {
      const items = await db.batchGet(ctx, usersTable, missing.map(keys.profile));
      const users = items.flatMap((item) => userFrom(item) ?? []);
      return new Map(users.map((user) => [user.userId, user]));
    });

  const claimOn = async (ctx: Context, name: Key): Promise<Claim | undefined> => read<Claim>(await db.get(ctx, usersTable, name));

  /** A cached claim proves itself by the profile that it leads to. One that does not is older than a rename: the table decides. */
  const getByUsername = async (ctx: Context, username: string): Promise<User | undefined> => {
    const name = fold(username);
    const holds = (user: User) => fold(user.username) === name;
    const claim = await claims.get(ctx, name, () => claimOn(ctx, keys.username(username)));
    if (claim === undefined) return undefined;
    const user = await get(ctx, claim.userId);
    if (user && holds(user)) return user;
    await namesMoved(ctx, [username]);
    return holder(ctx, keys.username(username), holds);
  };

  /** Never cached: no cache holds an e-mail address as a key. */
  const getByEmail = (ctx: Context, email: string): Promise<User | undefined> =>
    holder(ctx, keys.email(email), (user) => fold(user.email) === fold(email));

  const holder = async (ctx: Context, name: Key, holds: (user: User) => boolean): Promise<User | undefined> => {
    const claim = await claimOn(ctx, name);
    const user = claim && (await load(ctx, claim.userId));
    return user && holds(user) ? user : undefined;
  };

  /** After a commit and before its answer: whoever reads later sees this version, and these names with their new owners. */
  const tell = async (ctx: Context, user: User, usernames: readonly string[]): Promise<void> => {
    const told = [
      insist(ctx, () => profiles.put(ctx, user.userId, user), insistMs),
      ...usernames.map((username) => insist(ctx, () => claims.bury(ctx, fold(username), CHANGED_HANDS), insistMs)),
    ];
    await Promise.all(told);
  };

  /** As `tell`, where it is not known what was committed, by a process that may have died before it told anybody. */
  const refresh = async (ctx: Context, userId: string): Promise<User | undefined> => {
    const user = await load(ctx, userId);
    if (user === undefined) return undefined;
    const { username, version } = user;
    await insist(ctx, () => profiles.put(ctx, userId, user), insistMs);
    if (username !== '') await insist(ctx, () => claims.put(ctx, fold(username), { userId, version }), insistMs);
    return user;
  };

  const namesMoved = async (ctx: Context, usernames: readonly string[]): Promise<void> => {
    await Promise.all(usernames.map((username) => claims.bury(ctx, fold(username), CHANGED_HANDS)));
  };

  return { create, load, get, getMany, getByUsername, getByEmail, tell, refresh, namesMoved };
};

/** Which of the transaction's conditions speaks: names first, then only the request row is left. */
const refusal = ({ user }: Draft, { failed }: Extract<WriteResult, { ok: false }>) => {
  const broken = new Set(failed.map(({ index }) => index));
  if (broken.has(USERNAME_ROW)) return usernameTaken(user.username);
  if (broken.has(EMAIL_ROW)) return emailTaken();
  return lostRace();
};
