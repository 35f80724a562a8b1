import { fold, type Context } from '@plaza/core';
import { all, any, eq, exists, insert, lacks, remove, type Condition, type Item, type WriteOp } from '@plaza/dynamo';
import { outboxRow, userDeleted, userRestored, userUpdated, type OutboxRow } from '@plaza/events';

import type { User, UserPath } from '../domain/user.ts';
import { keys, read, stateKeys, usersTable } from './table.ts';

/** The whole row: it places the user in the index of its state. */
export const profileRow = (user: User) => ({ ...keys.profile(user.userId), ...user, ...stateKeys(user) });

type Later = Pick<User, 'imageUrl' | 'isPrivate' | 'state'>;

/** Profiles of before had no picture, no privacy and no state. */
const DEFAULTS: Later = { imageUrl: '', isPrivate: false, state: 'ACTIVE' };

/** On a profile: the person is there and neither deleted nor purged. */
export const isActive = (): Condition => all(exists(), any(lacks('state'), eq('state', DEFAULTS.state)));

export const userFrom = (item: Item | undefined): User | undefined => {
  const row = read<Omit<User, keyof Later> & Partial<Later> & ReturnType<typeof stateKeys>>(item);
  if (row === undefined) return undefined;
  const { stateShard: _shard, stateKey: _key, ...user } = row;
  return { ...DEFAULTS, ...user };
};

/** Takes the new name and lets the old one go. A name that is only written in another way stays the row it is. */
export const renameRows = (before: User, after: User): WriteOp[] => [
  ...moveName(keys.username(before.username), keys.username(after.username), after),
  ...moveName(keys.email(before.email), keys.email(after.email), after),
];

const moveName = (from: { pk: string; sk: string }, to: { pk: string; sk: string }, { userId, version }: User): WriteOp[] =>
  from.pk === to.pk ? [] : [insert(usersTable, { ...to, userId, version }), letGo(from, userId)];

/** Frees a name; fails if it is another's. */
export const letGo = (name: { pk: string; sk: string }, userId: string): WriteOp =>
  remove(usersTable, name, eq('userId', userId));

/** Usernames that changed hands. */
export const movedNames = (before: User, after: User): string[] =>
  fold(before.username) === fold(after.username) ? [] : [before.username, after.username].filter((name) => name !== '');

export const updatedEvent = (ctx: Context, user: User, mask: readonly UserPath[]): OutboxRow => {
  const { userId, username, isPrivate, updatedAt } = user;
  return outboxRow(
    userUpdated,
    { userId, mask: [...mask], username, isPrivate, updateTime: new Date(updatedAt) },
    about(ctx, user),
  );
};

export const deletedEvent = (ctx: Context, user: User & { deletedAt: number }): OutboxRow =>
  outboxRow(
    userDeleted,
    { userId: user.userId, deleteTime: new Date(user.deletedAt), isPrivate: user.isPrivate },
    about(ctx, user),
  );

export const restoredEvent = (ctx: Context, user: User): OutboxRow =>
  outboxRow(
    userRestored,
    { userId: user.userId, restoreTime: new Date(user.updatedAt), isPrivate: user.isPrivate },
    about(ctx, user),
  );

const about = ({ trace }: Context, { userId, version, updatedAt }: User) => ({
  aggregateId: userId,
  version,
  at: updatedAt,
  trace,
});
