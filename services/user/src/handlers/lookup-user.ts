import { userNotFound } from '../domain/errors.ts';
import { isVisibleTo } from '../domain/user.ts';
import { userMessage } from '../mapping.ts';
import type { Deps, UserHandlers } from './index.ts';

export const lookupUser =
  ({ users }: Deps): UserHandlers['lookupUser'] =>
  async (ctx, { email }) => {
    const user = await users.getByEmail(ctx, email);
    if (user === undefined || !isVisibleTo(user, ctx.caller)) throw userNotFound();
    return { user: userMessage(user, ctx.caller) };
  };
