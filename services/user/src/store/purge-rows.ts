import type { Context } from '@plaza/core';
import { check, eq, insert, put, type WriteOp } from '@plaza/dynamo';
import { outboxRow, userErasureRequested, userPurged, type OutboxRow } from '@plaza/events';

import type { Purge } from '../domain/purge.ts';
import type { User } from '../domain/user.ts';
import { keys, usersTable } from './table.ts';
import { letGo, profileRow } from './user-rows.ts';

/** Of a new purge with the deleted user that it is of: whoever restores the user in between wins or loses as a whole. */
export const askingRows = (purge: Purge, user: User | undefined): WriteOp[] => {
  const key = keys.purge(purge.userId);
  if (user === undefined) return [check(usersTable, key, eq('version', purge.version))];
  return [insert(usersTable, { ...key, ...purge }), check(usersTable, keys.profile(user.userId), eq('version', user.version))];
};

/** The names are freed last of all, with the end of the person. */
export const finishingRows = (before: User, after: User): WriteOp[] => [
  put(usersTable, profileRow(after), eq('version', before.version)),
  letGo(keys.username(before.username), before.userId),
  letGo(keys.email(before.email), before.userId),
];

export const erasureEvent = (ctx: Context, { userId, deletedAt, version }: Purge, at: number): OutboxRow =>
  outboxRow(
    userErasureRequested,
    { userId, deleteTime: new Date(deletedAt) },
    { aggregateId: userId, version, at, trace: ctx.trace },
  );

export const purgedEvent = (ctx: Context, { userId, version, updatedAt }: User): OutboxRow =>
  outboxRow(
    userPurged,
    { userId, purgeTime: new Date(updatedAt) },
    { aggregateId: userId, version, at: updatedAt, trace: ctx.trace },
  );
