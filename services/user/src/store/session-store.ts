import { isAppError, type Clock, type Context, type Mutation } from '@plaza/core';
import { all, check, exists, insert, lacks, lostRace, once, requestRow, ttl, update, type Db } from '@plaza/dynamo';

import { refreshTokenInvalid } from '../domain/errors.ts';
import { FAMILY_MS, judge, type Grant, type Session } from '../domain/session.ts';
import { keys, read, usersTable } from './table.ts';

export type SessionStore = ReturnType<typeof createSessionStore>;

/** Refresh tokens by their digest, and the families that they descend in. Tokens themselves are never stored. */
export const createSessionStore = ({ db, digestOf, now }: { db: Db; digestOf: (grant: Grant) => string; now: Clock }) => {
  /** Begins a family. A repeated request gets the first grant again. */
  const open = (ctx: Context, mutation: Mutation, grant: Grant): Promise<Grant> =>
    once(ctx, db, usersTable, mutation, async () => {
      const { userId, familyId, startedAt } = grant;
      const written = await db.transact(ctx, [
        insert(usersTable, { ...keys.family(userId, familyId), startedAt, expiresAt: familyEnd(grant) }),
        insert(usersTable, sessionRow(digestOf(grant), grant)),
        requestRow(usersTable, mutation, grant),
      ]);
      if (!written.ok) throw lostRace();
      return grant;
    });

  /**
   * Uses up the presented token and stores its successor, in one transaction. A token that was used before has been stolen,
   * now or then: its whole family is revoked, unless this is the same request again, whose reply was lost.
   * @throws UNAUTHENTICATED REFRESH_TOKEN_INVALID
   */
  const refresh = async (ctx: Context, mutation: Mutation, digest: string, renew: (old: Session) => Grant): Promise<Grant> => {
    let reused: Session | undefined;
    const attempt = async (): Promise<Grant> => {
      const old = read<Session>(await db.get(ctx, usersTable, keys.session(digest)));
      const verdict = judge(old, now());
      if (verdict === 'reused') reused = old;
      if (old === undefined || verdict !== 'good') throw refreshTokenInvalid();

      const grant = renew(old);
      const written = await db.transact(ctx, [
        update(usersTable, keys.session(digest), { set: { usedAt: now() } }, all(exists(), lacks('usedAt'))),
        check(usersTable, keys.family(old.userId, old.familyId), all(exists(), lacks('revokedAt'))),
        insert(usersTable, sessionRow(digestOf(grant), grant)),
        requestRow(usersTable, mutation, grant),
      ]);
      if (written.ok) return grant;
      const broken = new Set(written.failed.map(({ index }) => index));
      if (broken.has(0)) reused = old;
      throw broken.has(0) || broken.has(1) ? refreshTokenInvalid() : lostRace();
    };
    try {
      return await once(ctx, db, usersTable, mutation, attempt);
    } catch (error) {
      if (reused !== undefined && isAppError(error, 'REFRESH_TOKEN_INVALID')) await revoke(ctx, reused);
      throw error;
    }
  };

  const revoke = async (ctx: Context, { userId, familyId }: Session): Promise<void> => {
    await db.write(ctx, update(usersTable, keys.family(userId, familyId), { setOnce: { revokedAt: now() } }, exists()));
    ctx.log.warn('session_family.revoked', { userId, familyId });
  };

  return { open, refresh };
};

/** A used token is kept as long as its family, to tell reuse from nonsense. */
const sessionRow = (digest: string, grant: Grant): Parameters<typeof insert>[1] => ({
  ...keys.session(digest),
  userId: grant.userId,
  familyId: grant.familyId,
  startedAt: grant.startedAt,
  endsAt: grant.refreshEndsAt,
  expiresAt: familyEnd(grant),
});

const familyEnd = ({ startedAt }: Grant): number => ttl(startedAt + FAMILY_MS, 0);
