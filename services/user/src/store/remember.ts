import type { Context, Mutation } from '@plaza/core';
import { lostRace, requestRow, type Db } from '@plaza/dynamo';

import { usersTable } from './table.ts';

/** What a request row keeps of an empty answer. */
export const DONE = true;

/** This request changed nothing and was right to ask: its repetition gets the same answer, whatever becomes of what it asked about. */
export const remember = async (ctx: Context, db: Db, mutation: Mutation): Promise<typeof DONE> => {
  if (!mutation.repeatable) return DONE;
  const written = await db.write(ctx, requestRow(usersTable, mutation, DONE));
  if (!written.ok) throw lostRace();
  return DONE;
};
