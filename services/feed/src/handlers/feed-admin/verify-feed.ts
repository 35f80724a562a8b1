import { toFeedState } from '../../mapping.ts';
import type { Deps, FeedAdminHandlers } from '../index.ts';

const ITEMS = 200;

export const verifyFeed =
  ({ checker }: Deps): FeedAdminHandlers['verifyFeed'] =>
  async (ctx, { viewerId, maxItems }) => {
    const { items, missing, extra, leaked, state } = await checker.verify(ctx, viewerId, maxItems === 0 ? ITEMS : maxItems);
    return { items, missing: [...missing], extra: [...extra], leaked: [...leaked], state: toFeedState(state) };
  };
