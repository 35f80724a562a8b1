import { isAppError, type AppError, type Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import type { User } from '../domain/user.ts';
import { accountRows, ACCOUNTS_PER_TRANSACTION, createdEvent, splitClashing, type Draft } from './account-rows.ts';
import type { UserStore } from './user-store.ts';

export type UserImport = ReturnType<typeof createUserImport>;

/** Registers many users at once: one transaction for many while all goes well, else one for each. */
export const createUserImport = ({ db, users, relay }: { db: Db; users: UserStore; relay: Pick<Relay, 'nudge'> }) => {
  /** True if all were written. A broken condition or an unknown outcome says false: the single writes find out the rest. */
  const createTogether = async (ctx: Context, drafts: readonly Draft[]): Promise<boolean> => {
    const entries = drafts.map((draft) => ({ draft, event: createdEvent(ctx, draft.user) }));
    const rows = entries.flatMap(({ draft, event }) => accountRows(draft, event));
    const done = await db.transact(ctx, rows).then(
      ({ ok }) => ok,
      (error: unknown) => {
        if (isAppError(error)) return false;
        throw error;
      },
    );
    if (!done) return false;
    await users.namesMoved(
      ctx,
      drafts.map(({ user }) => user.username),
    );
    relay.nudge(entries.map(({ event }) => event));
    return true;
  };

  /** A refusal is the item's own result. Trouble is the whole call's: it may be repeated, what was done is recognised. */
  const createAlone = (ctx: Context, draft: Draft): Promise<User | AppError> =>
    users.create(ctx, draft).catch((error: unknown) => {
      if (isAppError(error) && REFUSALS.includes(error.code)) return error;
      throw error;
    });

  const createMany = async (ctx: Context, drafts: readonly Draft[]): Promise<Map<Draft, User | AppError>> => {
    const results = new Map<Draft, User | AppError>();
    const { free, clashing } = splitClashing(drafts);
    const createGroup = async (group: readonly Draft[]) => {
      const together = await createTogether(ctx, group);
      await Promise.all(group.map(async (draft) => results.set(draft, together ? draft.user : await createAlone(ctx, draft))));
    };
    await Promise.all(inGroups(free).map(createGroup));
    for (const draft of clashing) results.set(draft, await createAlone(ctx, draft));
    return results;
  };

  return { createMany };
};

const REFUSALS: readonly string[] = ['ALREADY_EXISTS', 'INVALID_ARGUMENT'];

const inGroups = (drafts: readonly Draft[]): Draft[][] =>
  Array.from({ length: Math.ceil(drafts.length / ACCOUNTS_PER_TRANSACTION) }, (_, i) =>
    drafts.slice(i * ACCOUNTS_PER_TRANSACTION, (i + 1) * ACCOUNTS_PER_TRANSACTION),
  );
