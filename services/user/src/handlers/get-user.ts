import { userNotFound } from '../domain/errors.ts';
import { isVisibleTo } from '../domain/user.ts';
import { userMessage } from '../mapping.ts';
import type { Deps, UserHandlers } from './index.ts';

export const getUser =
  ({ users }: Deps): UserHandlers['getUser'] =>
  async (ctx, { by }) => {
    const user = by?.$case === 'username' ? await users.getByUsername(ctx, by.value) : await users.get(ctx, by?.value ?? '');
    if (user === undefined || !isVisibleTo(user, ctx.caller)) throw userNotFound();
    return { user: userMessage(user, ctx.caller) };
  };
