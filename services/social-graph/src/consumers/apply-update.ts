import type { Handle } from '@plaza/events';
import type { UserUpdated } from '@plaza/proto/plaza/user/v1/events';

import type { Deps } from './index.ts';

/**
 * The user service tells how a person stands before it answers; should that not have got through, the event does it. Whoever is public
 * grants the requests that wait.
 */
export const applyUpdate =
  ({ standings, grants }: Pick<Deps, 'standings' | 'grants'>): Handle<UserUpdated> =>
  async (ctx, { userId, isPrivate, mask }, { version }) => {
    // A new name or picture says nothing about who may see the account, and must not stir what everybody's checks rest on.
    if (!mask.includes('is_private')) return;
    await standings.set(ctx, userId, version, { isPrivate, gone: false });
    if (!isPrivate) await grants.grant(ctx, userId);
  };
