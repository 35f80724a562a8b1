import { isAppError, type Clock, type Context, type Mutation, type SessionClaim } from '@plaza/core';
import { all, check, eq, exists, insert, lacks, lostRace, once, requestRow, ttl, update, type Db } from '@plaza/dynamo';

import { refreshTokenInvalid } from '../domain/errors.ts';
import { FAMILY_MS, isLiving, judge, type Family, type Grant, type Session } from '../domain/session.ts';
import { loginOf, stillOpen, type Login } from './login-rows.ts';
import { keys, read, usersTable } from './table.ts';

export type SessionStore = ReturnType<typeof createSessionStore>;

/** Refresh tokens by their digest, and the families that they descend in. Tokens themselves are never stored, nothing is cached. */
export const createSessionStore = ({ db, digestOf, now }: { db: Db; digestOf: (grant: Grant) => string; now: Clock }) => {
  /**
   * Begins a family. A repeated request gets the first grant again. Whatever ends all sessions raises the epoch that the grant
   * was made with, so that a sign-in which it overtakes fails, also one with the password that was just replaced.
   */
  const open = (ctx: Context, mutation: Mutation, grant: Grant): Promise<Grant> =>
    once(ctx, db, usersTable, mutation, async () => {
      const { userId, familyId, startedAt, epoch } = grant;
      const { refreshEndsAt: endsAt } = grant;
      const family: Family = { userId, familyId, startedAt, epoch, refreshedAt: startedAt, endsAt };
      const written = await db.transact(ctx, [
        insert(usersTable, { ...keys.family(userId, familyId), ...family, expiresAt: familyEnd(grant) }),
        insert(usersTable, sessionRow(digestOf(grant), grant)),
        update(usersTable, keys.login(userId), { add: { logins: 1 }, setOnce: { epoch: 0 } }, stillOpen(grant)),
        requestRow(usersTable, mutation, grant),
      ]);
      if (!written.ok) throw lostRace();
      return grant;
    });

  /**
   * Uses up the presented token and stores its successor, in one transaction. A token that was used before has been stolen,
   * now or then: its whole family is ended, unless this is the same request again, whose reply was lost.
   * @throws UNAUTHENTICATED REFRESH_TOKEN_INVALID
   */
  const refresh = async (
    ctx: Context,
    mutation: Mutation,
    digest: string,
    { renew, onReuse }: { renew: (old: Session) => Grant; onReuse: (ctx: Context, stolen: Session) => Promise<void> },
  ): Promise<Grant> => {
    let reused: Session | undefined;
    const attempt = async (): Promise<Grant> => {
      const old = read<Session>(await db.get(ctx, usersTable, keys.session(digest)));
      const verdict = judge(old, now());
      if (verdict === 'reused') reused = old;
      if (old === undefined || verdict !== 'good') throw refreshTokenInvalid();

      const grant = renew(old);
      const { userId, familyId, epoch } = old;
      const written = await db.transact(ctx, [
        update(usersTable, keys.session(digest), { set: { usedAt: now() } }, all(exists(), lacks('usedAt'))),
        update(
          usersTable,
          keys.family(userId, familyId),
          { set: { refreshedAt: now(), endsAt: grant.refreshEndsAt } },
          all(exists(), lacks('revokedAt'), eq('epoch', epoch)),
        ),
        check(usersTable, keys.login(userId), stillOpen(old)),
        insert(usersTable, sessionRow(digestOf(grant), grant)),
        requestRow(usersTable, mutation, grant),
      ]);
      if (written.ok) return grant;
      const broken = new Set(written.failed.map(({ index }) => index));
      if (broken.has(0)) reused = old;
      throw [0, 1, 2].some((index) => broken.has(index)) ? refreshTokenInvalid() : lostRace();
    };
    try {
      return await once(ctx, db, usersTable, mutation, attempt);
    } catch (error) {
      if (reused !== undefined && isAppError(error, 'REFRESH_TOKEN_INVALID')) await onReuse(ctx, reused);
      throw error;
    }
  };

  /** How a person may sign in, and one of the sessions if it lives. */
  const look = async (ctx: Context, userId: string, familyId?: string): Promise<{ login: Login; family?: Family }> => {
    const wanted = [keys.login(userId), ...(familyId === undefined ? [] : [keys.family(userId, familyId)])];
    const [loginItem, familyItem] = await db.batchGet(ctx, usersTable, wanted);
    const login = loginOf(loginItem);
    const family = read<Family>(familyItem);
    return { login, ...(family !== undefined && isLiving(family, login, now()) && { family }) };
  };

  /** Whether a session lives in this epoch: what an access token hangs on. */
  const lives = async (ctx: Context, userId: string, { id, epoch }: SessionClaim): Promise<boolean> =>
    (await look(ctx, userId, id)).family?.epoch === epoch;

  /** The living sessions of a person, newest first; `after` is the id of the last one seen. */
  const list = async (
    ctx: Context,
    userId: string,
    { size, after }: { size: number; after: string | undefined },
  ): Promise<{ families: Family[]; next?: string }> => {
    const login = loginOf(await db.get(ctx, usersTable, keys.login(userId)));
    const { pk, sk: prefix } = keys.family(userId, '');
    const families: Family[] = [];
    // Ended ones stay until their TTL, so a page of the table may hold few that live.
    for (let seen = after === undefined ? undefined : keys.family(userId, after); ;) {
      const page = await db.query(ctx, usersTable, {
        pk,
        sk: { beginsWith: prefix },
        descending: true,
        limit: PAGE,
        after: seen,
      });
      families.push(...page.items.flatMap((item) => read<Family>(item) ?? []).filter((it) => isLiving(it, login, now())));
      if (families.length > size) return { families: families.slice(0, size), next: families[size - 1]!.familyId };
      if (page.after === undefined) return { families };
      seen = { pk: page.after.pk, sk: page.after.sk };
    }
  };

  return { open, refresh, look, lives, list };
};

/** Rows read at once for a list. */
const PAGE = 100;

/** A used token is kept as long as its family, to tell reuse from nonsense. */
const sessionRow = (digest: string, grant: Grant): Parameters<typeof insert>[1] => ({
  ...keys.session(digest),
  userId: grant.userId,
  familyId: grant.familyId,
  startedAt: grant.startedAt,
  epoch: grant.epoch,
  endsAt: grant.refreshEndsAt,
  expiresAt: familyEnd(grant),
});

const familyEnd = ({ startedAt }: Grant): number => ttl(startedAt + FAMILY_MS, 0);
