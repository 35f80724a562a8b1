import { crashPoint, type Clock, type Context, type Mutation } from '@plaza/core';
import { eq, insert, lostRace, once, put, requestRow, type Db } from '@plaza/dynamo';
import type { OutboxRow, Relay } from '@plaza/events';

import { purgeNotFound } from '../domain/errors.ts';
import { newPurge, reported, type ErasingService, type Purge, type Receipt } from '../domain/purge.ts';
import { assertDeleted, purgedUser, type User } from '../domain/user.ts';
import { askingRows, erasureEvent, finishingRows, purgedEvent } from './purge-rows.ts';
import { keys, read, usersTable } from './table.ts';
import type { UserStore } from './user-store.ts';

/** Each lost race means that another service's receipt won it, and there are five. */
const MAX_TRIES = 20;

export type PurgeStore = ReturnType<typeof createPurgeStore>;

/** Erasures over all services: asked for, receipts collected, and finished by the last receipt. */
export const createPurgeStore = (options: { db: Db; users: UserStore; relay: Pick<Relay, 'nudge'>; now: Clock }) => {
  const { db, users, relay, now } = options;

  const get = async (ctx: Context, userId: string): Promise<Purge | undefined> =>
    read<Purge>(await db.get(ctx, usersTable, keys.purge(userId)));

  /**
   * Asks all services to erase what they hold of a deleted person; those that have reported pass over it, so asking again is for
   * the others.
   * @throws NOT_FOUND USER_NOT_FOUND, FAILED_PRECONDITION USER_NOT_DELETED
   */
  const ask = async (ctx: Context, mutation: Mutation, userId: string): Promise<Purge> => {
    let asked: OutboxRow | undefined;
    const attempt = async (): Promise<Purge> => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const running = await get(ctx, userId);
        const known = running === undefined ? await users.load(ctx, userId) : undefined;
        // Erased between the two reads: the purge is there by now.
        if (known?.state === 'PURGED') continue;
        const user = running === undefined ? assertDeleted(known) : undefined;
        const purge = running ?? newPurge(userId, user!.deletedAt, now());
        const event = purge.state === 'DONE' ? undefined : erasureEvent(ctx, purge, now());
        const rows = [...askingRows(purge, user), ...(event ? [insert(usersTable, event)] : [])];
        const written = await db.transact(ctx, [...rows, requestRow(usersTable, mutation, purge)]);
        if (written.ok) {
          asked = event;
          return purge;
        }
        if (written.failed.some(({ index }) => index === rows.length)) break;
      }
      throw lostRace();
    };
    const purge = await once(ctx, db, usersTable, mutation, attempt);
    crashPoint('user.after-purge-asked');
    if (asked) relay.nudge([asked]);
    return purge;
  };

  /**
   * Takes down a receipt; the first one of a service stands. The last one frees the names and leaves a tombstone of the person in
   * its own transaction: there is no moment in which all have reported and it is not done.
   * @throws NOT_FOUND PURGE_NOT_FOUND
   */
  const report = async (
    ctx: Context,
    userId: string,
    service: ErasingService,
    receipt: Omit<Receipt, 'reportedAt'>,
  ): Promise<void> => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const purge = await get(ctx, userId);
      if (purge === undefined) throw purgeNotFound();
      const next = reported(purge, service, { ...receipt, reportedAt: now() });
      if (next === undefined) return;
      const receiptRow = put(usersTable, { ...keys.purge(userId), ...next }, eq('version', purge.version));
      const user = next.state === 'DONE' ? await users.load(ctx, userId) : undefined;
      // Finished between the two reads, by the same report from another process.
      if (user?.state === 'PURGED') continue;
      const end = user && ending(ctx, assertDeleted(user), next);
      const written = await db.transact(ctx, [receiptRow, ...(end?.rows ?? [])]);
      if (!written.ok) continue;
      crashPoint('user.after-erase-report');
      if (end) await finish(ctx, end);
      return;
    }
    throw lostRace();
  };

  const ending = (ctx: Context, before: User, { finishedAt }: Purge) => {
    const after = purgedUser(before, finishedAt ?? now());
    const event = purgedEvent(ctx, after);
    return { before, after, event, rows: [...finishingRows(before, after), insert(usersTable, event)] };
  };

  const finish = async (ctx: Context, { before, after, event }: { before: User; after: User; event: OutboxRow }) => {
    crashPoint('user.after-purge-done');
    await users.tell(ctx, after, [before.username]);
    relay.nudge([event]);
    ctx.log.info('user.purged', { userId: after.userId });
  };

  return { get, ask, report };
};
