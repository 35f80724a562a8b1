import { mutationOf } from '@plaza/core';

import { pathsToChange } from '../domain/user.ts';
import { privateMessage } from '../mapping.ts';
import type { Deps, UserHandlers } from './index.ts';

export const updateUser =
  ({ changes: store }: Deps): UserHandlers['updateUser'] =>
  async (ctx, request) => {
    const { userId, etag, requestId, changes, updateMask } = request;
    const paths = pathsToChange(updateMask ?? [], changes!);
    const mutation = mutationOf(ctx, requestId, request);
    return { user: privateMessage(await store.change(ctx, mutation, { userId, etag, paths, changes: changes! })) };
  };
