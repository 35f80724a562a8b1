import { mutationOf } from '@plaza/core';

import { selfMute } from '../domain/errors.ts';
import { planMute } from '../domain/plan.ts';
import { fromScope } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

export const mute =
  ({ ties, people }: Pick<Deps, 'ties' | 'people'>): GraphHandlers['mute'] =>
  async (ctx, request) => {
    const { userId, mutedId, scope, requestId } = request;
    if (userId === mutedId) throw selfMute();
    await ties.change(ctx, mutationOf(ctx, requestId, request), {
      ids: [userId, mutedId],
      plan: planMute(fromScope(scope)),
      reply: () => null,
      // An admin may name anybody; a user's own token proves that the user is there.
      admit: () => people.mustExist(ctx, [userId, mutedId]),
    });
    return {};
  };
