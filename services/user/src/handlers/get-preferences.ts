import { userNotFound } from '../domain/errors.ts';
import { preferencesMessage } from '../mapping.ts';
import type { Deps, UserHandlers } from './index.ts';

export const getPreferences =
  ({ users, preferences }: Deps): UserHandlers['getPreferences'] =>
  async (ctx, { userId }) => {
    const [user, wanted] = await Promise.all([users.get(ctx, userId), preferences.get(ctx, userId)]);
    if (user?.state !== 'ACTIVE') throw userNotFound();
    return preferencesMessage(wanted);
  };
