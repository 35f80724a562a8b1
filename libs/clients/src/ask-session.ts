import type { AskSession } from '@plaza/rpc';

import type { UserClients } from './user.ts';

/** The question of a service's session guard, put to the user service. */
export const askSession =
  ({ sessions }: { sessions: Pick<UserClients['sessions'], 'checkSession'> }): AskSession =>
  async (ctx, userId, { id, epoch }) => {
    const { live } = await sessions.checkSession(ctx, { userId, sessionId: id, epoch: BigInt(epoch) });
    return live;
  };
