import type { Handle } from '@plaza/events';

import type { Deps } from './index.ts';

/** That a person is gone, or back, should the user service's word not have got through. */
export const applyPresence =
  ({ standings }: Pick<Deps, 'standings'>, gone: boolean): Handle<{ readonly userId: string; readonly isPrivate: boolean }> =>
  (ctx, { userId, isPrivate }, { version }) =>
    standings.set(ctx, userId, version, { isPrivate, gone });
