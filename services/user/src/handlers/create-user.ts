import { crashPoint } from '@plaza/core';

import { privateMessage } from '../mapping.ts';
import { draftOf } from '../registration.ts';
import type { Deps, UserHandlers } from './index.ts';

export const createUser =
  (deps: Deps): UserHandlers['createUser'] =>
  async (ctx, request) => {
    const user = await deps.users.create(ctx, await draftOf(deps, ctx, request));
    crashPoint('user.after-create');
    return { user: privateMessage(user) };
  };
