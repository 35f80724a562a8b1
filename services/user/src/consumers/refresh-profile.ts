import type { On } from '@plaza/events';

import type { Deps } from './index.ts';

/**
 * A process may die between the commit of a change and the cache, and its caller may never ask again: then the event brings the
 * cache up to date. Mostly there is nothing to do.
 */
export const refreshProfile = ({ users }: Pick<Deps, 'users'>, durable: string): On<{ userId: string }> => ({
  durable,
  handle: async (ctx, { userId }) => void (await users.refresh(ctx, userId)),
});
