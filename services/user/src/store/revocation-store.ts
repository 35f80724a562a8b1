import { crashPoint, type Clock, type Context, type Mutation } from '@plaza/core';
import { all, check, exists, insert, lacks, lostRace, ne, requestRow, update, type Db, type WriteOp } from '@plaza/dynamo';

import { sessionNotFound, userNotFound } from '../domain/errors.ts';
import type { Session } from '../domain/session.ts';
import { endAllSessions, loginOf, revokedEvent } from './login-rows.ts';
import type { Revoke } from './revoke.ts';
import type { SessionStore } from './session-store.ts';
import { keys, usersTable } from './table.ts';

export type RevocationStore = ReturnType<typeof createRevocationStore>;

/** The ends of sessions: one, all of a person, or the one whose refresh token was stolen. Each is committed with its event. */
export const createRevocationStore = (options: { db: Db; sessions: Pick<SessionStore, 'look'>; revoke: Revoke; now: Clock }) => {
  const { db, sessions, now } = options;
  const { revoke, announce } = options.revoke;

  /** @throws NOT_FOUND SESSION_NOT_FOUND */
  const endOne = (ctx: Context, mutation: Mutation, userId: string, familyId: string): Promise<void> =>
    revoke(ctx, mutation, async () => {
      const { family } = await sessions.look(ctx, userId, familyId);
      if (family === undefined) throw sessionNotFound();
      const event = revokedEvent(ctx, { userId, sessionId: familyId, epoch: family.epoch, at: now() });
      const written = await db.transact(ctx, [
        endFamily(family, now()),
        insert(usersTable, event),
        requestRow(usersTable, mutation, null),
      ]);
      if (!written.ok) throw written.failed.some(({ index }) => index === 0) ? sessionNotFound() : lostRace();
      crashPoint('user.after-end-session');
      return event;
    });

  /** @throws NOT_FOUND USER_NOT_FOUND */
  const endAll = (ctx: Context, mutation: Mutation, userId: string): Promise<void> =>
    revoke(ctx, mutation, async () => {
      const login = loginOf(await db.get(ctx, usersTable, keys.login(userId)));
      const event = revokedEvent(ctx, { userId, epoch: login.epoch + 1, at: now() });
      const written = await db.transact(ctx, [
        // Nothing is to be written about a stranger, or again about somebody who was erased.
        check(usersTable, keys.profile(userId), all(exists(), ne('state', 'PURGED'))),
        endAllSessions(userId, login),
        insert(usersTable, event),
        requestRow(usersTable, mutation, null),
      ]);
      if (!written.ok) throw written.failed.some(({ index }) => index === 0) ? userNotFound() : lostRace();
      crashPoint('user.after-end-all-sessions');
      return event;
    });

  /** Ends the family of a refresh token that was used twice; one that is over already stays as it is. */
  const endStolen = async (ctx: Context, stolen: Session): Promise<void> => {
    const { userId, familyId, epoch } = stolen;
    const event = revokedEvent(ctx, { userId, sessionId: familyId, epoch, at: now() });
    const written = await db.transact(ctx, [endFamily(stolen, now()), insert(usersTable, event)]);
    if (!written.ok) return;
    ctx.log.warn('session_family.revoked', { userId, familyId });
    await announce(event);
  };

  return { endOne, endAll, endStolen };
};

const endFamily = ({ userId, familyId }: Pick<Session, 'userId' | 'familyId'>, at: number): WriteOp =>
  update(usersTable, keys.family(userId, familyId), { set: { revokedAt: at } }, all(exists(), lacks('revokedAt')));
