import type { EntityCache } from '@plaza/cache';
import type { Context } from '@plaza/core';
import { lostRace, once, type Db, type WriteResult } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import { emailTaken, usernameTaken } from '../domain/errors.ts';
import { fold } from '../domain/fold.ts';
import type { User } from '../domain/user.ts';
import { accountRows, createdEvent, EMAIL_ROW, registeredOf, USERNAME_ROW, type Draft } from './account-rows.ts';
import { keys, read, usersTable } from './table.ts';

/** A claimed username: whose it is, since which version of its owner. */
export type Claim = { readonly userId: string; readonly version: number };

export type UserStore = ReturnType<typeof createUserStore>;

/** Profiles by id and by name, behind the cache. */
export const createUserStore = (options: {
  db: Db;
  profiles: EntityCache<User>;
  /** No negative entries: a name that was free a moment ago may be taken now, and its new owner must be found. */
  claims: EntityCache<Claim>;
  relay: Pick<Relay, 'nudge'>;
}) => {
  const { db, profiles, claims, relay } = options;

  /**
   * Name, e-mail, profile, wallet, request and event are written together or not at all: a refused registration reserves
   * nothing. The cache needs no word of it, nobody can have asked for an id that did not exist.
   * @throws ALREADY_EXISTS USERNAME_TAKEN or EMAIL_TAKEN
   */
  const create = async (ctx: Context, draft: Draft): Promise<User> => {
    const registered = await once(ctx, db, usersTable, draft.mutation, async () => {
      const event = createdEvent(ctx, draft.user);
      const written = await db.transact(ctx, accountRows(draft, event));
      if (!written.ok) throw refusal(draft, written);
      relay.nudge([event]);
      return registeredOf(draft);
    });
    return { ...draft.user, userId: registered.userId, createdAt: registered.createdAt, updatedAt: registered.createdAt };
  };

  /** Strongly consistent on a miss, so that the cache never takes in an older version than it could have. */
  const get = (ctx: Context, userId: string): Promise<User | undefined> =>
    profiles.get(ctx, userId, async () => read<User>(await db.get(ctx, usersTable, keys.profile(userId))));

  /** Those that exist, by id. */
  const getMany = (ctx: Context, userIds: readonly string[]): Promise<Map<string, User>> =>
    profiles.getMany(ctx, userIds, async (missing) => {
      const items = await db.batchGet(ctx, usersTable, missing.map(keys.profile));
      const users = items.flatMap((item) => read<User>(item) ?? []);
      return new Map(users.map((user) => [user.userId, user]));
    });

  const getByUsername = async (ctx: Context, username: string): Promise<User | undefined> => {
    const loadClaim = async () => read<Claim>(await db.get(ctx, usersTable, keys.username(username)));
    const claim = await claims.get(ctx, fold(username), loadClaim);
    return claim && get(ctx, claim.userId);
  };

  return { create, get, getMany, getByUsername };
};

/** Which of the transaction's conditions speaks: names first, then only the request row is left. */
const refusal = ({ user }: Draft, { failed }: Extract<WriteResult, { ok: false }>) => {
  const broken = new Set(failed.map(({ index }) => index));
  if (broken.has(USERNAME_ROW)) return usernameTaken(user.username);
  if (broken.has(EMAIL_ROW)) return emailTaken();
  return lostRace();
};
