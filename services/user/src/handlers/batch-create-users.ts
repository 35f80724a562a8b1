import { isAppError, type AppError } from '@plaza/core';

import { creationResult } from '../mapping.ts';
import { draftOf } from '../registration.ts';
import type { Draft } from '../store/account-rows.ts';
import type { Deps, UserHandlers } from './index.ts';

export const batchCreateUsers =
  (deps: Deps): UserHandlers['batchCreateUsers'] =>
  async (ctx, { users }) => {
    const drafts = await Promise.all(users.map((request) => draftOf(deps, ctx, request).catch(ownRefusal)));
    const created = await deps.imports.createMany(ctx, drafts.filter(isDraft));
    const outcomes = drafts.map((draft) => (isDraft(draft) ? created.get(draft)! : draft));
    return { results: outcomes.map(creationResult) };
  };

/** A bad password is one item's fault; everything else is the call's. */
const ownRefusal = (error: unknown): AppError => {
  if (isAppError(error, 'PASSWORD_COMMON')) return error;
  throw error;
};

const isDraft = (draft: Draft | AppError): draft is Draft => !(draft instanceof Error);
