import { sessionNotFound, userNotFound } from '../domain/errors.ts';
import { privateMessage, sessionMessage } from '../mapping.ts';
import type { Deps, SessionHandlers } from './index.ts';

export const getSession =
  ({ sessions, users }: Deps): SessionHandlers['getSession'] =>
  async (ctx) => {
    const { caller } = ctx;
    // The policy admits nobody else.
    if (caller.kind !== 'user') throw userNotFound();
    const { userId, session } = caller;
    const [{ login, family }, user] = await Promise.all([sessions.look(ctx, userId, session?.id), users.get(ctx, userId)]);
    if (user?.state !== 'ACTIVE') throw userNotFound();
    if (session !== undefined && family === undefined) throw sessionNotFound();
    return {
      session: family && sessionMessage(family, caller),
      user: privateMessage(user),
      loginCount: BigInt(login.logins),
    };
  };
