import type { Context, Mutation } from '@plaza/core';
import { insert, requestRow, type WriteOp } from '@plaza/dynamo';
import { outboxRow, userCreated, type OutboxRow } from '@plaza/events';

import type { User } from '../domain/user.ts';
import { emptyWallet } from '../domain/wallet.ts';
import { keys, usersTable } from './table.ts';
import { profileRow } from './user-rows.ts';

/** A registration that is decided but not yet stored. */
export interface Draft {
  readonly mutation: Mutation;
  readonly user: User;
  /** PHC string; absent for an imported user, who cannot sign in. */
  readonly passwordHash: string | undefined;
}

/** What the request row keeps. The rest of the answer is in the repeated request itself, so no e-mail is stored twice. */
export type Registered = { readonly userId: string; readonly createdAt: number };

export const registeredOf = ({ user }: Draft): Registered => ({ userId: user.userId, createdAt: user.createdAt });

/** Places of the uniqueness rows among `accountRows`, by which a refusal gets its name. */
export const USERNAME_ROW = 0;
export const EMAIL_ROW = 1;

/** At most seven rows: fourteen accounts fit into one transaction of 100. */
export const ACCOUNTS_PER_TRANSACTION = 14;

export const accountRows = (draft: Draft, event: OutboxRow): WriteOp[] => {
  const { user, passwordHash, mutation } = draft;
  const { userId } = user;
  return [
    insert(usersTable, { ...keys.username(user.username), userId, version: user.version }),
    insert(usersTable, { ...keys.email(user.email), userId, version: user.version }),
    insert(usersTable, profileRow(user)),
    insert(usersTable, { ...keys.wallet(userId), ...emptyWallet(userId) }),
    ...(passwordHash === undefined ? [] : [insert(usersTable, { ...keys.password(userId), hash: passwordHash })]),
    insert(usersTable, event),
    requestRow(usersTable, mutation, registeredOf(draft)),
  ];
};

export const createdEvent = (ctx: Context, { userId, username, createdAt, version }: User): OutboxRow =>
  outboxRow(
    userCreated,
    { userId, username, createTime: new Date(createdAt) },
    { aggregateId: userId, version, at: createdAt, trace: ctx.trace },
  );

/**
 * Splits drafts into those that may share a transaction, and those that would write a row of an earlier one: the same
 * name, e-mail or request id, which DynamoDB refuses outright. The latter must come afterwards, in order.
 */
export const splitClashing = (drafts: readonly Draft[]): { free: Draft[]; clashing: Draft[] } => {
  const taken = new Set<string>();
  const free: Draft[] = [];
  const clashing: Draft[] = [];
  for (const draft of drafts) {
    const rows = [keys.username(draft.user.username).pk, keys.email(draft.user.email).pk, `RQ#${draft.mutation.id}`];
    (rows.some((row) => taken.has(row)) ? clashing : free).push(draft);
    for (const row of rows) taken.add(row);
  }
  return { free, clashing };
};
