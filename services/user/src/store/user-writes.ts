import type { AppError, Context, Mutation } from '@plaza/core';
import { eq, insert, lostRace, once, put, requestRow, type Db, type Value, type WriteOp } from '@plaza/dynamo';
import type { OutboxRow } from '@plaza/events';

import type { User } from '../domain/user.ts';
import { usersTable } from './table.ts';
import { movedNames, profileRow } from './user-rows.ts';
import type { UserStore } from './user-store.ts';

/** A change of a user, decided by what was read. */
export interface Change<R extends Value> {
  readonly before: User;
  readonly after: User;
  /** What is written beside the profile. */
  readonly rows: readonly WriteOp[];
  readonly events: readonly OutboxRow[];
  /** What the request row keeps, to give the first answer again. */
  readonly reply: R;
  /** Names the refusal that rows of these partition keys stand for; undefined if they only lost a race. */
  readonly refusal?: (broken: ReadonlySet<string>) => AppError | undefined;
}

export interface Written<R> {
  readonly reply: R;
  /** As of now; after a repetition it may be newer than the reply. */
  readonly user: User | undefined;
  /** None if the change was written before, by an earlier try of this request. */
  readonly events: readonly OutboxRow[];
}

/** Each lost race means that another change of this user won it. */
const MAX_TRIES = 20;

export type UserWrites = ReturnType<typeof createUserWrites>;

/**
 * Writes changes of users: bound to the version that was read and decided anew if it moved, once a request, and known to the
 * cache before the answer. `committed` is called in between.
 */
export const createUserWrites =
  ({ db, users }: { db: Db; users: UserStore }) =>
  async <R extends Value>(
    ctx: Context,
    mutation: Mutation,
    userId: string,
    { decide, committed }: { decide: (user: User | undefined) => Promise<Change<R>>; committed: () => void },
  ): Promise<Written<R>> => {
    let done: Change<R> | undefined;
    const attempt = async (): Promise<R> => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const change = await decide(await users.load(ctx, userId));
        const { before, after, rows, events, reply, refusal } = change;
        const ops = [
          put(usersTable, profileRow(after), eq('version', before.version)),
          ...rows,
          ...events.map((event) => insert(usersTable, event)),
        ];
        const written = await db.transact(ctx, [...ops, requestRow(usersTable, mutation, reply)]);
        if (written.ok) {
          done = change;
          return reply;
        }
        const broken = written.failed.map(({ index }) => ops[index]);
        // The request's own row: `once` tells whether it was this request or another.
        if (broken.includes(undefined)) break;
        const refused = broken.includes(ops[0]) ? undefined : refusal?.(new Set(broken.map((op) => pkOf(op!))));
        if (refused) throw refused;
      }
      throw lostRace();
    };
    const reply = await once(ctx, db, usersTable, mutation, attempt);
    committed();
    if (done === undefined) return { reply, user: await users.refresh(ctx, userId), events: [] };
    await users.tell(ctx, done.after, movedNames(done.before, done.after));
    return { reply, user: done.after, events: done.events };
  };

const pkOf = (op: WriteOp): string => (op.verb === 'put' ? op.item.pk : op.key.pk);
