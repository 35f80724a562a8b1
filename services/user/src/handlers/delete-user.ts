import { mutationOf } from '@plaza/core';

import { restorableUntil } from '../domain/user.ts';
import type { Deps, UserHandlers } from './index.ts';

export const deleteUser =
  ({ lifecycles }: Deps): UserHandlers['deleteUser'] =>
  async (ctx, request) => {
    const { userId, etag, requestId } = request;
    const deletedAt = await lifecycles.remove(ctx, mutationOf(ctx, requestId, request), userId, etag);
    return { deleteTime: new Date(deletedAt), restorableUntilTime: new Date(restorableUntil(deletedAt)) };
  };
