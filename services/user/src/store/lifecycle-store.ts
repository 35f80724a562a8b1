import { crashPoint, type Clock, type Context, type Mutation } from '@plaza/core';
import { absent, check, exists, update, type Db, type WriteOp } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import { purgeRunning } from '../domain/errors.ts';
import { deletedUser, restoredUser, userToChange, type User } from '../domain/user.ts';
import { endAllSessions, loginOf, revokedEvent } from './login-rows.ts';
import type { Revoke } from './revoke.ts';
import { keys, usersTable } from './table.ts';
import { deletedEvent, restoredEvent } from './user-rows.ts';
import type { Change, UserWrites } from './user-writes.ts';

export type LifecycleStore = ReturnType<typeof createLifecycleStore>;

/** How people go and come back. The names stay theirs all the while. */
export const createLifecycleStore = (options: {
  db: Db;
  write: UserWrites;
  revoke: Pick<Revoke, 'announce'>;
  tellStanding: (ctx: Context, user: User) => Promise<void>;
  relay: Pick<Relay, 'nudge'>;
  now: Clock;
}) => {
  const { db, write, revoke, tellStanding, relay, now } = options;

  /** Also when a call is repeated: the one before may have died in between. */
  const told = (ctx: Context, user: User | undefined): Promise<void>[] => (user ? [tellStanding(ctx, user)] : []);

  /**
   * Hides a person, ends the sessions and closes sign-in and wallet, all at once; answers when that was. Orders that have their
   * hold settle on the closed wallet; nothing else moves it. Every reader relies on the cache as it stands when this is answered,
   * and the revocation is on its way by then.
   * @throws NOT_FOUND USER_NOT_FOUND, ABORTED ETAG_MISMATCH
   */
  const remove = async (ctx: Context, mutation: Mutation, userId: string, etag: string): Promise<number> => {
    const decide = async (user: User | undefined): Promise<Change<number>> => {
      const before = userToChange(user, etag);
      const deletedAt = now();
      const after = { ...deletedUser(before, deletedAt), deletedAt };
      const login = loginOf(await db.get(ctx, usersTable, keys.login(userId)));
      return {
        before,
        after,
        rows: [endAllSessions(userId, login, deletedAt), wallet(userId, { set: { closedAt: deletedAt } })],
        events: [revokedEvent(ctx, { userId, epoch: login.epoch + 1, at: deletedAt }), deletedEvent(ctx, after)],
        reply: deletedAt,
      };
    };
    const committed = () => crashPoint('user.after-delete');
    const { reply, user, events } = await write(ctx, mutation, userId, { decide, committed });
    await Promise.all([...events.map(revoke.announce), ...told(ctx, user)]);
    return reply;
  };

  /**
   * Brings a deleted person back as it was, but signed out everywhere. A repeated request gets the first answer, with the e-mail
   * address as it is now.
   * @throws NOT_FOUND USER_NOT_FOUND, FAILED_PRECONDITION USER_NOT_DELETED, RESTORE_WINDOW_OVER or PURGE_RUNNING
   */
  const restore = async (ctx: Context, mutation: Mutation, userId: string): Promise<User> => {
    const decide = async (user: User | undefined): Promise<Change<Omit<User, 'email'>>> => {
      const after = restoredUser(user, now());
      const { email: _, ...reply } = after;
      return {
        before: user!,
        after,
        rows: [
          check(usersTable, keys.purge(userId), absent()),
          update(usersTable, keys.login(userId), { remove: ['closedAt'] }, exists()),
          wallet(userId, { remove: ['closedAt'] }),
        ],
        events: [restoredEvent(ctx, after)],
        reply,
        refusal: (broken) => (broken.has(keys.purge(userId).pk) ? purgeRunning() : undefined),
      };
    };
    const committed = () => crashPoint('user.after-undelete');
    const { reply, user, events } = await write(ctx, mutation, userId, { decide, committed });
    relay.nudge(events);
    await Promise.all(told(ctx, user));
    return { ...reply, email: user?.email ?? '' };
  };

  return { remove, restore };
};

/** The version moves too: a movement that was decided on the wallet of before is decided again. */
const wallet = (userId: string, changes: { set?: { closedAt: number }; remove?: string[] }): WriteOp =>
  update(usersTable, keys.wallet(userId), { ...changes, add: { version: 1 } }, exists());
