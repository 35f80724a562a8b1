import { AppError, isAppError } from '@plaza/core';

import { selfFollow, userNotFound } from './errors.ts';
import { planFollow } from './plan.ts';
import type { Pair, Step } from './tie.ts';

/** A message of an import, with its place in the whole. */
export interface Message {
  readonly index: number;
  readonly followerId: string;
  readonly followeeIds: readonly string[];
}

/** What is to be done about one followee: steps, none if it stands already, or a refusal with Follow's reason. */
export interface Row {
  readonly followeeId: string;
  readonly steps: readonly Step[];
  readonly refused?: string;
}

export interface Refusal {
  /** Of its message. */
  readonly index: number;
  readonly followerId: string;
  readonly followeeId: string;
  readonly reason: string;
}

/** What an import has come to, up to the message before `messages`. */
export interface Receipt {
  readonly messages: number;
  readonly created: number;
  readonly requested: number;
  readonly unchanged: number;
  readonly refused: number;
  /** The first of them, in the order of the import. */
  readonly refusals: readonly Refusal[];
}

const MAX_REFUSALS = 1_000;

export const nothing = (messages: number): Receipt => ({
  messages,
  created: 0,
  requested: 0,
  unchanged: 0,
  refused: 0,
  refusals: [],
});

/** Doubles are one row. Who is not a user is refused before anything is read of them. */
export const screen = ({ followerId, followeeIds }: Omit<Message, 'index'>, isUser: (id: string) => boolean): Row[] =>
  [...new Set(followeeIds)].map((followeeId) => {
    if (followeeId === followerId) return refusal(followeeId, selfFollow());
    const stranger = [followerId, followeeId].find((id) => !isUser(id));
    return stranger === undefined ? { followeeId, steps: [] } : refusal(followeeId, userNotFound(stranger));
  });

/**
 * What Follow would do about each of the rows, one after the other: each new follow leaves less room to the limit. `pairOf` tells
 * how follower and followee stand before all of it.
 */
export const decide = (rows: readonly Row[], pairOf: (followeeId: string) => Pair, limit: number): Row[] => {
  const plan = planFollow(limit);
  let gained = 0;
  return rows.map((row) => {
    if (row.refused !== undefined) return row;
    const pair = pairOf(row.followeeId);
    try {
      const steps = plan({ ...pair, one: { ...pair.one, following: pair.one.following + gained } });
      if (steps.some(({ kind }) => kind === 'follow')) gained++;
      return { ...row, steps };
    } catch (error) {
      if (!isAppError(error)) throw error;
      return refusal(row.followeeId, error);
    }
  });
};

const refusal = (followeeId: string, { reason }: AppError): Row => ({ followeeId, steps: [], refused: reason });

/** Rows of the table that any step of an import takes, with its event if it has one of its own. */
const STEP_ROWS = 3;
/** A transaction holds 100; two are the version of the follower's ties and the event of all follows. */
const PART_ROWS = 98;

/** Cuts rows, in their order, into parts that fit one transaction each: 32 new follows or requests, and whatever needs no writing. */
export const inParts = (rows: readonly Row[]): Row[][] => {
  const parts: Row[][] = [];
  let room = 0;
  for (const row of rows) {
    const size = row.steps.length * STEP_ROWS;
    if (parts.length === 0 || size > room) {
      parts.push([]);
      room = PART_ROWS;
    }
    parts.at(-1)!.push(row);
    room -= size;
  }
  return parts;
};

/** The receipt after one more message, which ended with these rows. */
export const receive = (receipt: Receipt, { index, followerId }: Message, rows: readonly Row[]): Receipt => {
  const number = (is: (row: Row) => boolean) => rows.filter(is).length;
  const does = (kind: Step['kind']) => (row: Row) => row.steps.some((step) => step.kind === kind);
  const refusals = rows.flatMap(({ followeeId, refused }) =>
    refused === undefined ? [] : [{ index, followerId, followeeId, reason: refused }],
  );
  const room = MAX_REFUSALS - receipt.refusals.length;
  return {
    messages: index + 1,
    created: receipt.created + number(does('follow')),
    requested: receipt.requested + number(does('request')),
    unchanged: receipt.unchanged + number(({ steps, refused }) => steps.length === 0 && refused === undefined),
    refused: receipt.refused + refusals.length,
    refusals: room > 0 && refusals.length > 0 ? [...receipt.refusals, ...refusals.slice(0, room)] : receipt.refusals,
  };
};

/** A gap in an import would be a follow that nobody ever misses. */
export const outOfPlace = (index: number, expected: number): AppError =>
  invalid('index', `is ${index}, but the import goes on from ${expected}`);

export const anotherImport = (): AppError => invalid('import_id', 'is not that of the messages before it in the stream');

const invalid = (field: string, description: string): AppError =>
  new AppError('INVALID_ARGUMENT', 'INVALID_FIELD', `invalid fields: ${field}`, {
    domain: 'plaza',
    violations: [{ field, description }],
  });
