import type { Context } from '@plaza/core';
import { all, any, eq, lacks, update, type Condition, type Item, type WriteOp } from '@plaza/dynamo';
import { outboxRow, sessionsRevoked, type OutboxRow } from '@plaza/events';

import { keys, read, usersTable } from './table.ts';

/** How a person may sign in: one row, written by every sign-in and by whatever ends all sessions. No row: never signed in. */
export type Login = {
  /** Sessions of a lower epoch are over, and so are their access tokens. */
  readonly epoch: number;
  readonly logins: number;
  /** Since when signing in is closed: the person is deleted. */
  readonly closedAt?: number | undefined;
};

const NEVER: Login = { epoch: 0, logins: 0 };

export const loginOf = (item: Item | undefined): Login => ({ ...NEVER, ...read<Login>(item) });

/** The epoch is still the one that was read, and signing in is open. */
export const stillOpen = (login: Pick<Login, 'epoch'>): Condition => all(sameEpoch(login), lacks('closedAt'));

/** The epoch is still the one that was read. */
export const sameEpoch = ({ epoch }: Pick<Login, 'epoch'>): Condition =>
  epoch === 0 ? any(lacks('epoch'), eq('epoch', 0)) : eq('epoch', epoch);

/** Ends all sessions of a person; fails if something else did so meanwhile. `closedAt` closes signing in too. */
export const endAllSessions = (userId: string, login: Login, closedAt?: number): WriteOp =>
  update(usersTable, keys.login(userId), { set: { epoch: login.epoch + 1, closedAt } }, sameEpoch(login));

/** Tells all services which access tokens are worthless: those of one session, or all of a lower epoch. */
export const revokedEvent = (ctx: Context, about: { userId: string; sessionId?: string; epoch: number; at: number }): OutboxRow =>
  outboxRow(
    sessionsRevoked,
    { userId: about.userId, sessionId: about.sessionId ?? '', epoch: BigInt(about.epoch) },
    { aggregateId: about.userId, version: about.epoch, at: about.at, trace: ctx.trace },
  );
