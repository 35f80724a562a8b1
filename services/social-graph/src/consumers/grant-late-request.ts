import type { Handle } from '@plaza/events';
import type { FollowRequested } from '@plaza/proto/plaza/graph/v1/events';

import type { Deps } from './index.ts';

/**
 * A request may be written just when the account goes public, and behind the back of who grants all requests of before. If the account
 * is still private when this reads it, whatever makes it public later comes across the request.
 */
export const grantLateRequest =
  ({ grants }: Pick<Deps, 'grants'>): Handle<FollowRequested> =>
  (ctx, { followeeId }) =>
    grants.grant(ctx, followeeId);
