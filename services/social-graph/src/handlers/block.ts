import { mutationOf } from '@plaza/core';

import { selfBlock } from '../domain/errors.ts';
import { planBlock } from '../domain/plan.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const block =
  ({ ties, people }: Pick<Deps, 'ties' | 'people'>): GraphHandlers['block'] =>
  async (ctx, request) => {
    const { userId, blockedId, requestId } = request;
    if (userId === blockedId) throw selfBlock();
    await ties.change(ctx, mutationOf(ctx, requestId, request), {
      ids: [userId, blockedId],
      plan: planBlock,
      reply: () => null,
      // An admin may name anybody; a user's own token proves that the user is there.
      admit: () => people.mustExist(ctx, [userId, blockedId]),
    });
    return {};
  };
